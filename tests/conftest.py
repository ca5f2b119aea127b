# SPDX-License-Identifier: Apache-2.0
"""What every layer of tests shares."""

from __future__ import annotations

from pathlib import Path

import pytest

from node_manager import applog
from node_manager.layout import Layout

pytest_plugins = ["tests.helpers.logfail"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "logs(regex, ...): warnings of ours that this test causes")
    applog.configure()


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """Folders of the app under the test's own folder; nothing is created yet."""
    return Layout(data=tmp_path / "data", cache=tmp_path / "cache")
