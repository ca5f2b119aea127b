# SPDX-License-Identifier: Apache-2.0
"""What is announced: a version, when, what changed, and its file for each platform."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from node_manager.updates.source import Address

MAX_FILE_BYTES = 2_000_000_000
CHANGES_CHARACTERS = 2000

_NUMBER = r"(?:0|[1-9]\d{0,5})"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}")


def _printable(text: str) -> str:
    if not all(sign.isprintable() or sign == "\n" for sign in text):
        raise ValueError("it holds signs that do not print")
    return text


def _with_name(url: str) -> str:
    if not _NAME.fullmatch(urlsplit(url).path.rpartition("/")[2]):
        raise ValueError("its last part cannot be a file's name")
    return url


VersionText = Annotated[str, Field(pattern=rf"^{_NUMBER}\.{_NUMBER}\.{_NUMBER}$")]
Changes = Annotated[str, Field(max_length=CHANGES_CHARACTERS), AfterValidator(_printable)]


def version_order(version: str) -> tuple[int, ...]:
    """What versions are compared by."""
    return tuple(map(int, version.split(".")))


class _Part(BaseModel):
    # A later version may announce more than this one understands.
    model_config = ConfigDict(frozen=True, extra="ignore")


class ReleaseFile(_Part):
    """The file of one platform; `sha256` in hexadecimal digits, `size` in bytes."""

    url: Annotated[Address, AfterValidator(_with_name)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(gt=0, le=MAX_FILE_BYTES)]

    @property
    def name(self) -> str:
        """The name it is kept under."""
        return urlsplit(self.url).path.rpartition("/")[2]


class Announcement(_Part):
    """One announcement.

    Attributes:
        date: when it was made. The same version may be announced again, with a later date.
        expires: when nobody shall take its silence about a newer version for knowledge any more.
        minimum: the oldest version that is still held for safe; None where all are.
        changes: what changed, by language ("en", "de").
        files: by platform, as chain-registry names them.
    """

    format: Literal[1] = 1
    version: VersionText
    date: AwareDatetime
    expires: AwareDatetime
    minimum: VersionText | None = None
    changes: dict[str, Changes] = {}
    files: dict[str, ReleaseFile] = {}

    @property
    def order(self) -> tuple[tuple[int, ...], datetime]:
        """Of two announcements the later one is greater."""
        return version_order(self.version), self.date

    def newer_than(self, version: str) -> bool:
        """Whether it announces a newer version than this one."""
        return version_order(self.version) > version_order(version)

    def unsafe(self, version: str) -> bool:
        """Whether this version is not held for safe any more."""
        return self.minimum is not None and version_order(version) < version_order(self.minimum)

    def expired(self, now: float) -> bool:
        """Whether it is too old to tell that there is no newer version."""
        return self.expires <= datetime.fromtimestamp(now, UTC)

    def changes_in(self, language: str) -> str:
        """What changed, in this language or in English; empty where neither is told."""
        return self.changes.get(language) or self.changes.get("en", "")
