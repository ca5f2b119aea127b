# SPDX-License-Identifier: Apache-2.0
"""The pictures of Logs, Charts, Doctor and Settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize

from tests.helpers import history_samples, log_samples, samples
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.wizard import settle_for


def fill(engine: FakeEngine) -> None:
    """What these pages ask the engine for."""
    engine.past = history_samples.past


def settle(_window: Any) -> None:
    """Let the pages' answers arrive."""
    settle_for(0.4)


def shots(shot: Callable[..., Any], small: QSize) -> list[Any]:
    """These pages in their states and sizes; `shot` makes one picture's description."""
    written, empty = log_samples.write_logs, lambda _layout: None
    return [
        shot("logs", samples.signing, "logs", files=written, act=log_samples.search_for_peer),
        shot("logs-small", samples.signing, "logs", small, files=written, act=log_samples.pause),
        shot("charts", samples.signing, "charts", act=settle),
        shot("charts-small", samples.signing, "charts", small, act=settle),
        shot("logs-empty", samples.stopped, "logs", files=empty),
    ]
