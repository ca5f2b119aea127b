# SPDX-License-Identifier: Apache-2.0
"""The record of what was signed: durable before a signature leaves, and never lowered.

A file of two slots in blocks of their own. Record number N goes to slot N mod 2, so the newest
record survives while the next is written; each slot is one 512-byte sector with a SHA-256 over
all of it, chain id and public key included, written in one call and followed by fdatasync.

What a crash can leave, and why no signature can be repeated with another content:

- kill -9 at any moment: the kernel finishes a write within one page. Old or new record, whole.
- Power loss while slot B is written: fdatasync has not returned, so no signature left. B holds
  what it held before (its number is one below A's) or the new record; both are opened.
- A torn or changed slot, a cut file, records whose numbers are not neighbours: refused, whatever
  the other slot says. It might be an interrupted write, where going on from the other slot would
  do; it might as well be the newest record, whose signature did leave, damaged later. The file
  cannot tell, so nothing is signed until `repair` has raised the record above the chain.

A record made here holds what was signed and no signature: ed25519 gives the same one again.
"""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path
from typing import NamedTuple, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from node_manager.durable import write_durably
from node_manager.keys.signing_state import SigningState
from node_manager.signer.errors import (
    JournalExists,
    JournalForeign,
    JournalLower,
    JournalMissing,
    JournalTorn,
    JournalUnwritable,
)
from node_manager.signer.files import (
    create_whole,
    open_in_place,
    start_writing,
    sync_data,
    write_at,
)

FILE = "signed.journal"
SLOT = 512
"""Bytes of a record: one sector, which disks write whole or not at all."""

STRIDE = 4096
"""Bytes from slot to slot: a page and a disk block each."""

SIZE = 2 * STRIDE

_MAGIC = b"OCVSIGN1"
_HEAD = struct.Struct(">8sQqiBBHB32s")
"""Magic, number, height, round, step, length of chain id, of sign bytes, of signature, key."""

_SUM = 32
_ROOM = SLOT - _HEAD.size - _SUM
MAX_CHAIN_ID = 50
"""Bytes, CometBFT's `MaxChainIDLen`."""


class _Record(NamedTuple):
    number: int
    state: SigningState
    chain_id: str
    pubkey: bytes


def _pack(record: _Record) -> bytes:
    state, chain_id = record.state, record.chain_id.encode()
    body = _HEAD.pack(
        _MAGIC,
        record.number,
        state.height,
        state.round,
        state.step,
        len(chain_id),
        len(state.sign_bytes),
        len(state.signature),
        record.pubkey,
    )
    body += chain_id + state.sign_bytes + state.signature
    body = body.ljust(SLOT - _SUM, b"\0")
    return body + hashlib.sha256(body).digest()


def _unpack(slot: bytes) -> _Record | None:
    """The record in a slot, None when anything about it is not as `_pack` writes it."""
    body, checksum = slot[:-_SUM], slot[-_SUM:]
    if len(slot) != SLOT or hashlib.sha256(body).digest() != checksum:
        return None
    magic, number, height, round_, step, *lengths, pubkey = _HEAD.unpack_from(body)
    if magic != _MAGIC or sum(lengths) > _ROOM:
        return None
    parts, at = [], _HEAD.size
    for length in lengths:
        parts.append(body[at : at + length])
        at += length
    try:
        state = SigningState(height, round_, step, parts[1], parts[2])
        record = _Record(number, state, parts[0].decode(), pubkey)
    except ValueError:
        return None
    return record if _pack(record) == slot else None


def _fitting(state: SigningState, chain_id: str, pubkey: bytes) -> SigningState:
    """`state` without what does not fit, and without sign bytes that its signature is not of.

    A position without sign bytes cannot be signed again, so nothing is risked.
    """
    room = _ROOM - len(chain_id.encode()) - len(state.signature)
    if state.signature:
        try:
            Ed25519PublicKey.from_public_bytes(pubkey).verify(state.signature, state.sign_bytes)
        except (InvalidSignature, ValueError):
            return SigningState(*state.position)
    return state if len(state.sign_bytes) <= room else SigningState(*state.position)


def _check_names(chain_id: str, pubkey: bytes) -> None:
    if not 0 < len(chain_id.encode()) <= MAX_CHAIN_ID:
        raise ValueError("a chain id has 1 to 50 bytes")
    if len(pubkey) != 32:
        raise ValueError("an ed25519 public key has 32 bytes")


def nothing_signed_above(chain_height: int) -> int:
    """The height above which no signature can exist while the newest block is `chain_height`.

    Validators vote on the block after the newest one, so that height may hold signatures of ours.
    """
    return chain_height + 1


class Journal:
    """The open record of one key on one chain. One process has it: see `locks.py`."""

    def __init__(self, path: Path, handle: int, newest: _Record) -> None:
        self._path = path
        self._handle = handle
        self._newest = newest
        self._staged: _Record | None = None

    @classmethod
    def create(
        cls, folder: Path, chain_id: str, pubkey: bytes, state: SigningState | None = None
    ) -> Self:
        """Start the record in `folder` at `state` (None: a key made here, never used) and open it.

        Raises:
            JournalExists: there is one already.
            JournalUnwritable: it could not be made durable.
        """
        _check_names(chain_id, pubkey)
        path = folder / FILE
        start = _fitting(state or SigningState.fresh(), chain_id, pubkey)
        content = _two_slots(start, chain_id, pubkey, number=1)
        try:
            create_whole(path, content)
        except FileExistsError:
            raise JournalExists(path=path) from None
        except OSError as error:
            raise JournalUnwritable(path=path, why=error.strerror or error) from error
        return cls.open(folder, chain_id, pubkey)

    @classmethod
    def open(cls, folder: Path, chain_id: str, pubkey: bytes) -> Self:
        """Open the record in `folder`.

        Raises:
            JournalMissing: there is none.
            JournalTorn: it is cut, changed or half-written.
            JournalForeign: it is of another key or chain.
            JournalUnwritable: it cannot be opened for writing.
        """
        path = folder / FILE
        try:
            handle = open_in_place(path)
        except FileNotFoundError:
            raise JournalMissing(path=path) from None
        except OSError as error:
            raise JournalUnwritable(path=path, why=error.strerror or error) from error
        try:
            newest = _newest_of(path, _read(handle), chain_id, pubkey)
        except BaseException:
            os.close(handle)
            raise
        return cls(path, handle, newest)

    @classmethod
    def repair(cls, folder: Path, chain_id: str, pubkey: bytes, above: int) -> Self:
        """Replace a missing, torn or old record by one that signs nothing up to height `above`.

        `above` is `nothing_signed_above(height of the network)`. What can be read of the old
        record is not lowered.

        Raises:
            JournalForeign: a readable part is of another key or chain; nothing was changed.
            JournalUnwritable: it could not be made durable.
        """
        _check_names(chain_id, pubkey)
        path, records = folder / FILE, []
        try:
            handle = open_in_place(path)
            try:
                records = _readable(_read(handle))
            finally:
                os.close(handle)
            _check_owner(path, records, chain_id, pubkey)
            states = [record.state for record in records]
            highest = max(
                (*states, SigningState.before(above + 1)), key=lambda state: state.position
            )
            last = max((record.number for record in records), default=0)
            write_durably(path, _two_slots(highest, chain_id, pubkey, number=last + 1))
        except FileNotFoundError:
            return cls.create(folder, chain_id, pubkey, SigningState.before(above + 1))
        except OSError as error:
            raise JournalUnwritable(path=path, why=error.strerror or error) from error
        return cls.open(folder, chain_id, pubkey)

    @property
    def chain_id(self) -> str:
        """The chain this record is of."""
        return self._newest.chain_id

    @property
    def pubkey(self) -> bytes:
        """The key this record is of, 32 bytes."""
        return self._newest.pubkey

    def state(self) -> SigningState:
        """The newest state that is durable."""
        return self._newest.state

    def write(self, state: SigningState) -> None:
        """Make `state` the newest one; durable on return. It must be higher than the recorded.

        Raises:
            JournalLower: it is not higher.
            JournalUnwritable: it may or may not be on the disk: sign nothing more with this
                object. Opening again reads what is there.
        """
        self.stage(_fitting(state, self.chain_id, self.pubkey))
        self.settle()

    def stage(self, state: SigningState) -> None:
        """Send `state` on its way to the disk; nothing may leave before `settle` returned.

        Raises:
            JournalLower, JournalUnwritable: as `write`.
        """
        last = self._newest
        if state.position <= last.state.position:
            raise JournalLower(recorded=last.state.position, given=state.position)
        record = last._replace(number=last.number + 1, state=state)
        at = (record.number & 1) * STRIDE
        try:
            write_at(self._handle, _pack(record), at)
            start_writing(self._handle, at, STRIDE)
        except OSError as error:
            raise self._unwritable(error) from error
        self._staged = record

    def settle(self) -> None:
        """Wait until what was staged is durable.

        Raises:
            JournalUnwritable: as `write`.
        """
        if self._staged is None:
            return
        try:
            sync_data(self._handle)
        except OSError as error:
            raise self._unwritable(error) from error
        self._newest, self._staged = self._staged, None

    def _unwritable(self, error: OSError) -> JournalUnwritable:
        return JournalUnwritable(path=self._path, why=error.strerror or error)

    def close(self) -> None:
        """Let go of the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _two_slots(state: SigningState, chain_id: str, pubkey: bytes, *, number: int) -> bytes:
    content = bytearray(SIZE)
    for each in (number, number + 1):
        at = (each & 1) * STRIDE
        content[at : at + SLOT] = _pack(_Record(each, state, chain_id, pubkey))
    return bytes(content)


def _read(handle: int) -> bytes:
    os.lseek(handle, 0, os.SEEK_SET)
    content = bytearray()
    while len(content) <= SIZE and (part := os.read(handle, SIZE + 1 - len(content))):
        content += part
    return bytes(content)


def _readable(content: bytes) -> list[_Record]:
    """The records that are whole, newest last."""
    slots = (content[at : at + SLOT] for at in (0, STRIDE))
    records = (record for slot in slots if (record := _unpack(slot)) is not None)
    return sorted(records, key=lambda record: record.number)


def _check_owner(path: Path, records: list[_Record], chain_id: str, pubkey: bytes) -> None:
    for record in records:
        if (record.chain_id, record.pubkey) != (chain_id, pubkey):
            raise JournalForeign(
                path=path,
                found=f"key {record.pubkey.hex()[:16]} of {record.chain_id}",
                expected=f"key {pubkey.hex()[:16]} of {chain_id}",
            )


def _newest_of(path: Path, content: bytes, chain_id: str, pubkey: bytes) -> _Record:
    records = _readable(content)
    _check_owner(path, records, chain_id, pubkey)
    height = records[-1].state.height if records else "unknown"
    if len(content) != SIZE:
        why = f"it has {len(content)} bytes instead of {SIZE}"
        raise JournalTorn(path=path, why=why, height=height)
    if len(records) < 2:
        why = "one of its two records cannot be read" if records else "no record can be read"
        raise JournalTorn(path=path, why=why, height=height)
    older, newest = records
    neighbours = newest.number == older.number + 1
    in_place = all(
        content[(each.number & 1) * STRIDE :].startswith(_pack(each)) for each in records
    )
    outside = content[SLOT:STRIDE] + content[STRIDE + SLOT :]
    if not neighbours or not in_place or any(outside):
        raise JournalTorn(path=path, why="its two records do not belong together", height=height)
    if newest.state.position < older.state.position:
        raise JournalTorn(path=path, why="its newest record is the lower one", height=height)
    return newest
