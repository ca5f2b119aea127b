# SPDX-License-Identifier: Apache-2.0
"""Where pairings are kept: tokens only as hashes, in one durable file (`pairings.json`)."""

from __future__ import annotations

import hashlib
import hmac
import threading
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ValidationError

from node_manager.durable import make_private_folder, write_durably
from node_manager.explanation import OneClickError

VERSION = 1


class Scope(StrEnum):
    """What a paired website may do."""

    READ = "read"
    LOGS = "logs"
    CONTROL = "control"


class Pairing(BaseModel):
    """A website that the person allowed.

    Attributes:
        token_hash: hex of the token's SHA-256; the token is 256 random bits.
        durable: whether it outlives this run of the app ("always").
    """

    id: str
    origin: str
    scopes: list[Scope]
    token_hash: str
    created_at: float
    durable: bool = True


class _File(BaseModel):
    version: int = VERSION
    pairings: list[Pairing] = []
    blocked: list[str] = []


class PairingsUnreadable(OneClickError):
    """The file of pairings is damaged."""

    code = "pairings-unreadable"
    what = "The file of paired websites {path} cannot be read."
    why = "{reason}"
    todo = "Remove the file; websites then ask again. No website is paired until then."


def hash_token(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class PairingStore:
    """Pairings in memory, the durable ones also on disk; so are websites that may not ask.

    Changes may come from several threads.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._pairings: list[Pairing] = []
        self._origins: frozenset[str] = frozenset()
        self._blocked: frozenset[str] = frozenset()
        self._changing = threading.Lock()

    def load(self) -> None:
        """Read the file; none is none.

        Raises:
            PairingsUnreadable: it is damaged, or written by a later version.
        """
        try:
            content = self._file.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise PairingsUnreadable(path=self._file, reason=str(error)) from error
        try:
            read = _File.model_validate_json(content)
        except ValidationError as error:
            raise PairingsUnreadable(path=self._file, reason="It is not what it was.") from error
        if read.version > VERSION:
            raise PairingsUnreadable(path=self._file, reason="A later version wrote it.")
        self._set(read.pairings)
        self._blocked = frozenset(read.blocked)

    @property
    def origins(self) -> frozenset[str]:
        """The origins of all pairings."""
        return self._origins

    @property
    def blocked(self) -> frozenset[str]:
        """The origins that may not ask any more."""
        return self._blocked

    def all(self) -> list[Pairing]:
        """All pairings, newest first."""
        return sorted(self._pairings, key=lambda pairing: -pairing.created_at)

    def find(self, token: str) -> Pairing | None:
        """The pairing of `token`; every hash is compared, in constant time."""
        wanted = hash_token(token)
        hits = [one for one in self._pairings if hmac.compare_digest(one.token_hash, wanted)]
        return hits[0] if hits else None

    def add(self, pairing: Pairing) -> None:
        """Keep `pairing`; an older one of the same origin ends with it.

        Raises:
            OSError: nothing was changed.
        """
        with self._changing:
            others = [one for one in self._pairings if one.origin != pairing.origin]
            self._replace([*others, pairing])

    def remove(self, pairing_id: str) -> None:
        """Forget a pairing.

        Raises:
            KeyError: no such pairing.
            OSError: nothing was changed.
        """
        with self._changing:
            left = [one for one in self._pairings if one.id != pairing_id]
            if len(left) == len(self._pairings):
                raise KeyError(pairing_id)
            self._replace(left)

    def block(self, origin: str) -> None:
        """Let `origin` not ask any more.

        Raises:
            OSError: nothing was changed.
        """
        with self._changing:
            self._replace_blocked(self._blocked | {origin})

    def unblock(self, origin: str) -> None:
        """Let `origin` ask again.

        Raises:
            KeyError: it is not blocked.
            OSError: nothing was changed.
        """
        with self._changing:
            if origin not in self._blocked:
                raise KeyError(origin)
            self._replace_blocked(self._blocked - {origin})

    def _replace(self, pairings: list[Pairing]) -> None:
        durable = [one for one in pairings if one.durable]
        if durable != [one for one in self._pairings if one.durable]:
            self._write(durable, self._blocked)
        self._set(pairings)

    def _replace_blocked(self, blocked: frozenset[str]) -> None:
        self._write([one for one in self._pairings if one.durable], blocked)
        self._blocked = blocked

    def _write(self, durable: list[Pairing], blocked: frozenset[str]) -> None:
        make_private_folder(self._file.parent)
        content = _File(pairings=durable, blocked=sorted(blocked))
        write_durably(self._file, content.model_dump_json(indent=2))

    def _set(self, pairings: list[Pairing]) -> None:
        self._pairings = pairings
        self._origins = frozenset(one.origin for one in pairings)
