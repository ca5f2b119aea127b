# SPDX-License-Identifier: Apache-2.0
"""Which members of an archive may be unpacked: inside the folder, of a kind, within limits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from node_manager.downloads.errors import ArchiveRefused

MAX_MEMBERS = 10_000
MAX_PATH = 1024
MAX_UNPACKED_BYTES = 4 * 1024**3
"""A node program has 50 to 300 MB; some archives hold its libraries too."""

_DRIVE = re.compile(r"[A-Za-z]:")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.I)


def safe_path(archive: str, name: str) -> PurePosixPath | None:
    """The member's path below the folder it is unpacked into, None for that folder itself.

    Names are judged as every platform would read them, so that an archive is refused
    everywhere or nowhere.

    Raises:
        ArchiveRefused: it would leave the folder, or no file system can hold it.
    """

    def refuse(why: str) -> ArchiveRefused:
        return ArchiveRefused(archive=archive, reason=f"Its member {name[:200]!r} {why}.")

    if name.startswith(("/", "\\")) or _DRIVE.match(name):
        raise refuse("has an absolute path")
    if "\\" in name or ":" in name:
        raise refuse("has a path that means something else on Windows")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
        raise refuse("has control characters in its name")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise refuse("leaves the folder")
    try:
        length = len(name.encode())
    except UnicodeEncodeError as error:
        raise refuse("has a name that is no text") from error
    if length > MAX_PATH or any(len(part.encode()) > 255 for part in parts):
        raise refuse("has too long a path")
    if any(_RESERVED.match(part) or part != part.rstrip(". ") for part in parts):
        raise refuse("has a name that Windows cannot hold")
    return PurePosixPath(*parts) if parts else None


@dataclass(slots=True)
class Ledger:
    """What was unpacked so far, held against the limits.

    Attributes:
        limit: bytes that the unpacked files may have together.
    """

    archive: str
    limit: int = MAX_UNPACKED_BYTES
    members: int = 0
    size: int = 0
    _seen: dict[str, bool] = field(default_factory=dict)

    def enter(self, path: PurePosixPath, *, is_folder: bool) -> None:
        """Note a member.

        Raises:
            ArchiveRefused: one too many, or two of one name, or a file used as a folder.
        """
        self.members += 1
        if self.members > MAX_MEMBERS:
            self._refuse(f"It has more than {MAX_MEMBERS} members.")
        key = str(path).casefold()
        for parent in path.parents:
            if not self._seen.setdefault(str(parent).casefold(), True):
                self._refuse(f"Its member {str(path)!r} lies in something that is no folder.")
        if key in self._seen and not (is_folder and self._seen[key]):
            self._refuse(f"It holds {str(path)!r} twice.")
        self._seen[key] = is_folder

    def count(self, size: int) -> None:
        """Note unpacked bytes.

        Raises:
            ArchiveRefused: more than the limit.
        """
        self.size += size
        if self.size > self.limit:
            self._refuse(f"Unpacked it has more than {self.limit} bytes.")

    def _refuse(self, reason: str) -> None:
        raise ArchiveRefused(archive=self.archive, reason=reason)
