# SPDX-License-Identifier: Apache-2.0
"""Numbers that only ever grow at their end, a few bytes each."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FIRST_ROOM = 4096

Numbers = npt.NDArray[Any]


class Column:
    """An array with room to grow; what was handed out stays as it is."""

    def __init__(self, kind: str) -> None:
        """`kind` is numpy's name of the type: "i8", "u1"."""
        self._room = np.empty(FIRST_ROOM, kind)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def extend(self, more: Numbers) -> None:
        """Add numbers at the end."""
        needed = self._count + len(more)
        if needed > len(self._room):
            # A half more, not twice: a million lines must not cost two million.
            room = np.empty(max(needed, len(self._room) * 3 // 2), self._room.dtype)
            room[: self._count] = self._room[: self._count]
            self._room = room
        self._room[self._count : needed] = more
        self._count = needed

    def clear(self) -> None:
        """Begin anew, in new room: what was handed out stays."""
        self._room = np.empty(FIRST_ROOM, self._room.dtype)
        self._count = 0

    def view(self) -> Numbers:
        """All numbers so far; it does not grow."""
        return self._room[: self._count]
