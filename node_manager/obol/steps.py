# SPDX-License-Identifier: Apache-2.0
"""The rows of progress from nothing to a running distributed validator."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from node_manager.obol.status import DvStep, DvStepProgress
from node_manager.state import StepState


class Steps:
    """Keeps the rows; tells `on_change` when one has changed."""

    def __init__(self, on_change: Callable[[], object]) -> None:
        self._rows = {step: DvStepProgress(step) for step in DvStep}
        self._began: dict[DvStep, float] = {}
        self._on_change = on_change

    @property
    def listed(self) -> tuple[DvStepProgress, ...]:
        """All rows in order."""
        return tuple(self._rows[step] for step in DvStep)

    def begin(self, step: DvStep, note: str = "") -> None:
        """The step is being worked on."""
        self._began.setdefault(step, time.monotonic())
        self._set(replace(self._rows[step], state=StepState.WORKING, note=note, took=None))

    def done(self, step: DvStep, note: str = "") -> None:
        """The step is done; a note that is there stays when no new one is given."""
        row = self._rows[step]
        if row.state is StepState.DONE:
            return
        began = self._began.pop(step, None)
        took = None if began is None else time.monotonic() - began
        self._set(replace(row, state=StepState.DONE, note=note or row.note, took=took))

    def fail(self) -> None:
        """What is being worked on has failed."""
        for row in self.listed:
            if row.state is StepState.WORKING:
                self._began.pop(row.step, None)
                self._set(replace(row, state=StepState.FAILED))

    def _set(self, row: DvStepProgress) -> None:
        if self._rows[row.step] != row:
            self._rows[row.step] = row
            self._on_change()
