# SPDX-License-Identifier: Apache-2.0
"""The pictures of Logs, Charts, Doctor and Settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize

from tests.helpers import log_samples, samples


def shots(shot: Callable[..., Any], small: QSize) -> list[Any]:
    """These pages in their states and sizes; `shot` makes one picture's description."""
    written, empty = log_samples.write_logs, lambda _layout: None
    return [
        shot("logs", samples.signing, "logs", files=written, act=log_samples.search_for_peer),
        shot("logs-small", samples.signing, "logs", small, files=written, act=log_samples.pause),
        shot("logs-empty", samples.stopped, "logs", files=empty),
    ]
