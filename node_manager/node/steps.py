# SPDX-License-Identifier: Apache-2.0
"""The rows of the first-run progress: what each step does, how far it is, why it failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from node_manager.explanation import Explanation, OneClickError
from node_manager.state import Step, StepProgress, StepState


class Steps:
    """Keeps one row a step, in order, and tells of each change."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._rows = {step: StepProgress(step) for step in Step}
        self._on_change = on_change
        self._began = 0.0

    def rows(self) -> tuple[StepProgress, ...]:
        """All rows, in order."""
        return tuple(self._rows.values())

    def begin_again(self) -> None:
        """Forget an earlier try."""
        self._rows = {step: StepProgress(step) for step in Step}
        self._on_change()

    @contextmanager
    def working(self, step: Step, note: str) -> Iterator[None]:
        """Show `step` as working while the block runs, then as done; a typed error fails it."""
        began = time.monotonic()
        self._rows[step] = StepProgress(step, StepState.WORKING, note)
        self._on_change()
        try:
            yield
        except OneClickError as error:
            self.update(step, state=StepState.FAILED, reason=error.explanation)
            raise
        except BaseException:
            self._rows[step] = StepProgress(step)
            raise
        self.update(
            step,
            state=StepState.DONE,
            took=time.monotonic() - began,
            rate=None,
            seconds_left=None,
        )

    def update(self, step: Step, **changed: Any) -> None:
        """Change fields of one row (see StepProgress)."""
        row = replace(self._rows[step], **changed)
        if row != self._rows[step]:
            self._rows[step] = row
            self._on_change()

    def failed(self, step: Step, reason: Explanation) -> None:
        """Mark `step` as failed without work of its own."""
        self._rows[step] = StepProgress(step, StepState.FAILED, reason=reason)
        self._on_change()

    def done(self, step: Step, note: str) -> None:
        """Mark `step` as done without work, with what was found."""
        self._rows[step] = StepProgress(step, StepState.DONE, note)
        self._on_change()
