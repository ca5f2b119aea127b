# SPDX-License-Identifier: Apache-2.0
"""What every layer of tests shares."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from node_manager import applog
from node_manager.layout import Layout
from node_manager.runtime.own_command import NO_SESSION_BUS, SESSION_BUS

pytest_plugins = ["tests.helpers.logfail"]

# Libraries that only tests load raise it (py_ecc/__init__.py): the app never runs with that.
RECURSION_LIMIT = sys.getrecursionlimit()


@pytest.fixture(autouse=True)
def _recursion_limit_of_the_app() -> None:
    sys.setrecursionlimit(RECURSION_LIMIT)


@pytest.fixture(autouse=True)
def _no_garbage_search_beside_qts_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """See `desktop.collecting`: some tests put a window beside a real engine without the app."""
    with_qt = "qapp" in request.fixturenames
    if with_qt:
        gc.disable()
    yield
    if with_qt:
        gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "logs(regex, ...): warnings of ours that this test causes")
    applog.configure()
    # A slow machine is no counterexample: time is the benches' subject.
    hypothesis.settings.register_profile("oneclick", deadline=None)
    hypothesis.settings.load_profile("oneclick")
    # Node programs that a test runs by itself: see runtime/own_command.py.
    os.environ.setdefault(SESSION_BUS, NO_SESSION_BUS)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """Folders of the app under the test's own folder; nothing is created yet."""
    return Layout(data=tmp_path / "data", cache=tmp_path / "cache")
