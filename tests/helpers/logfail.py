# SPDX-License-Identifier: Apache-2.0
"""An unexpected WARNING or ERROR in our log fails the test that caused it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest

OURS = ("desktop", "bridge", "node_manager")


class Collector(logging.Handler):
    """Keeps the records at WARNING and above of our own packages."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.split(".")[0] in OURS:
            self.records.append(record)


@pytest.fixture(autouse=True)
def logfail(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail on a warning of ours; `@pytest.mark.logs("regex")` names the expected ones."""
    expected = [
        re.compile(pattern)
        for marker in request.node.iter_markers("logs")
        for pattern in marker.args
    ]
    collector = Collector()
    root = logging.getLogger()
    root.addHandler(collector)
    yield
    root.removeHandler(collector)
    unexpected = [
        text
        for record in collector.records
        if not any(pattern.search(text := str(record.msg)) for pattern in expected)
        and (text := str(record.msg))
    ]
    if unexpected:
        pytest.fail("unexpected in our log:\n" + "\n".join(unexpected))
