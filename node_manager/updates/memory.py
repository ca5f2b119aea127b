# SPDX-License-Identifier: Apache-2.0
"""What was announced before, in `updates.json`: the way back to an older one is closed.

The newest announcement is kept as it came and its signature is tried each time it is read, so the
file itself is believed no more than the network.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from filelock import FileLock
from pydantic import BaseModel, ConfigDict, ValidationError

from node_manager.durable import make_private_folder, write_durably
from node_manager.layout import Layout
from node_manager.updates.announcement import Announcement
from node_manager.updates.envelope import opened
from node_manager.updates.errors import AnnouncementOlder, UpdateError

log = structlog.get_logger(__name__)


class Remembered(BaseModel):
    """What is kept between two starts.

    Attributes:
        key: the public key all this belongs to: another build's word counts for itself alone.
        newest: the document of the newest announcement; empty for none.
        answered_at: Unix time of the last answer that was believed.
        ask_at: Unix time before which the app does not ask by itself.
        told: the version that the person was called for.
    """

    model_config = ConfigDict(extra="ignore")

    version: int = 1
    key: str = ""
    newest: str = ""
    answered_at: float | None = None
    ask_at: float = 0.0
    told: str = ""

    def announcement(self) -> Announcement | None:
        """The newest one that was believed."""
        try:
            return opened(self.newest, self.key) if self.newest else None
        except UpdateError:
            return None


class UpdateMemory:
    """The file of what is remembered; the app and a command may use it at the same time."""

    def __init__(self, layout: Layout, key: str) -> None:
        self._path, self._key = layout.data / "updates.json", key
        self._run = layout.run

    def read(self) -> Remembered:
        """What is remembered for this key."""
        fresh = Remembered(key=self._key)
        try:
            found = Remembered.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return fresh
        except (OSError, ValidationError) as error:
            log.warning("what was announced before cannot be read", reason=str(error))
            return fresh
        return found if found.key == self._key else fresh

    def take(self, body: bytes, announced: Announcement, now: float, ask_at: float) -> None:
        """Remember a verified announcement, on disk before anybody acts on it.

        Raises:
            AnnouncementOlder: a later one is known; it stays.
            OSError: nothing was changed.
        """

        def act(known: Remembered) -> None:
            before = known.announcement()
            if before is not None and announced.order < before.order:
                raise AnnouncementOlder(
                    announced=announced.version,
                    announced_at=_day(announced.date),
                    known=before.version,
                    known_at=_day(before.date),
                )
            known.newest = body.decode()
            known.answered_at, known.ask_at = now, ask_at

        self._change(act)

    def ask_later(self, ask_at: float) -> None:
        """Remember when to ask again."""

        def act(known: Remembered) -> None:
            known.ask_at = ask_at

        self._change(act)

    def told(self, version: str) -> None:
        """Remember that the person was called for this version."""

        def act(known: Remembered) -> None:
            known.told = version

        self._change(act)

    def _change(self, act: Callable[[Remembered], None]) -> None:
        make_private_folder(self._run)
        with FileLock(self._run / "updates.lock"):
            known = self.read()
            act(known)
            write_durably(self._path, known.model_dump_json(indent=1))


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")
