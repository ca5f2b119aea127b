# SPDX-License-Identifier: Apache-2.0
"""How a process ended, and the words for it."""

from __future__ import annotations

import signal
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a process.

    Attributes:
        code: exit code; None when a signal ended it or nobody could read the code.
        signal: number of the signal that ended it, None for none.
        adopted: another run of the app started it, so the system told us no code.
        wanted: we asked it to end.
        forced: it did not end within its grace and was killed.
    """

    code: int | None
    signal: int | None = None
    adopted: bool = False
    wanted: bool = False
    forced: bool = False

    @property
    def clean(self) -> bool:
        """Whether it is known to have ended in order."""
        return self.code == 0

    @property
    def signal_name(self) -> str:
        """Such as "SIGKILL"; empty for none."""
        if self.signal is None:
            return ""
        try:
            return signal.Signals(self.signal).name
        except ValueError:
            return f"signal {self.signal}"

    def __str__(self) -> str:
        if self.forced:
            return "did not end within its time and was killed"
        if self.signal == getattr(signal, "SIGKILL", 9) and not self.wanted:
            return "was killed (SIGKILL), by a person, a program or a system short of memory"
        if self.signal is not None:
            return f"was ended by {self.signal_name}"
        if self.code is not None:
            return "ended in order" if self.code == 0 else f"ended with exit code {self.code}"
        return "ended; its exit code is unknown, because an earlier run of the app had started it"
