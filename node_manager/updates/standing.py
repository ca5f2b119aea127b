# SPDX-License-Identifier: Apache-2.0
"""How this version stands against the newest that was announced."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from node_manager.explanation import Explanation
from node_manager.figures import Figure
from node_manager.updates.announcement import Announcement, ReleaseFile

PERIOD_SECONDS = 86_400.0
"""The app asks once a day."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of updates.

    Attributes:
        version: of this app.
        source: the address that is asked, empty where the build names none.
        newest: the newest announcement and when the source last confirmed it.
        trouble: why the last question was not answered as it should have been.
        file: what is announced for this platform.
        downloaded: where that file lies, whole and verified; None where it does not.
    """

    version: str
    source: str = ""
    newest: Figure[Announcement] = field(default_factory=Figure)
    trouble: Explanation | None = None
    file: ReleaseFile | None = None
    downloaded: Path | None = None

    @property
    def newer(self) -> Announcement | None:
        """The announcement of a newer version; what was announced once does not grow old."""
        newest = self.newest.value
        return newest if newest is not None and newest.newer_than(self.version) else None

    def is_newest(self, now: float) -> bool | None:
        """Whether this version is the newest, None where that is unknown."""
        if self.newer is not None:
            return False
        current = self.newest.current(now)
        return None if current is None or current.expired(now) else True

    @property
    def unsafe(self) -> bool:
        """Whether this version is not held for safe any more."""
        newest = self.newest.value
        return newest is not None and newest.unsafe(self.version)
