# SPDX-License-Identifier: Apache-2.0
"""Taking in a key that CometBFT made, with the state of what it has signed.

Formats: CometBFT v0.38 `privval/file.go` (FilePVKey, FilePVLastSignState) and, for what the
signed bytes say, `proto/tendermint/types/canonical.proto`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from node_manager.keys.consensus import (
    SEED_SIZE,
    ConsensusPublicKey,
    decode_base64,
    public_key_of,
)
from node_manager.keys.errors import (
    ImportKeyMismatch,
    ImportStartMissing,
    ImportStateMismatch,
    ImportUnreadable,
    KeyExists,
    OldMachineMayRun,
)
from node_manager.keys.keyfile import KeyInfo
from node_manager.keys.keystore import KeyStore
from node_manager.keys.protection import Protection
from node_manager.keys.secret import SecretBytes
from node_manager.keys.signing_state import (
    MAX_HEIGHT,
    MAX_ROUND,
    STEP_PRECOMMIT,
    STEP_PREVOTE,
    STEP_PROPOSE,
    SigningRecord,
    SigningState,
)

RecordFor = Callable[[str, bytes], SigningRecord]
"""The signing record of a chain id and a public key: `partial(FolderRecord, folder.signer)`."""

MAX_FILE_BYTES = 256 * 1024
_EXPANDED_SIZE = 64
_KEY_KIND = "a CometBFT key (priv_validator_key.json)"
_STATE_KIND = "a CometBFT signing state (priv_validator_state.json)"
_SIGNED_TYPES = {STEP_PROPOSE: 32, STEP_PREVOTE: 1, STEP_PRECOMMIT: 2}


@dataclass(frozen=True, slots=True)
class ConfirmedStart:
    """A person's word that the key has signed nothing at `height` or above.

    Raises:
        ValueError: `height` is below 1.
    """

    height: int

    def __post_init__(self) -> None:
        if not 1 <= self.height <= MAX_HEIGHT:
            raise ValueError("the height is out of range")


@dataclass(frozen=True, slots=True)
class ImportedKey:
    """A key that was taken in.

    Attributes:
        info: the key, marked for a doppelganger check.
        state: the signing state now in force.
        plaintext: the file that still holds the key in the clear, for the person to destroy
            once a backup is verified and the old validator is gone.
    """

    info: KeyInfo
    state: SigningState
    plaintext: Path


class _Foreign(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)


class _PublicPart(_Foreign):
    type: Literal["tendermint/PubKeyEd25519"]
    value: str


class _PrivatePart(_Foreign):
    type: Literal["tendermint/PrivKeyEd25519"]
    value: str = Field(repr=False)


class _KeyFile(_Foreign):
    address: str
    pub_key: _PublicPart
    priv_key: _PrivatePart = Field(repr=False)


class _StateFile(_Foreign):
    height: str = Field(pattern=r"^[0-9]{1,19}$")
    round: int = Field(ge=0, le=MAX_ROUND)
    step: int = Field(ge=0, le=STEP_PRECOMMIT)
    signature: str | None = None
    signbytes: str | None = None


M = TypeVar("M", bound=_Foreign)


async def import_comet_key(
    store: KeyStore,
    key_file: Path,
    start: Path | ConfirmedStart | None,
    protection: Protection,
    *,
    chain_id: str,
    network: str = "",
    record_for: RecordFor,
    old_machine_off_confirmed: bool,
) -> ImportedKey:
    """Take in a key with its signing state (a file, or a confirmed height).

    The record is raised before the key is sealed, so a key without its state never lies here.
    What is already recorded for this key and is higher stays.

    Raises:
        OldMachineMayRun, ImportStartMissing, KeyExists: nothing was read.
        KeysError: the files contradict each other or cannot be read; no key was written.
        OneClickError: the signing record is torn or of another key.
    """
    if not old_machine_off_confirmed:
        raise OldMachineMayRun()
    if start is None:
        raise ImportStartMissing()
    if store.exists:
        raise KeyExists(address=store.read_public().address)
    with await asyncio.to_thread(read_comet_key, key_file) as seed:
        public = public_key_of(seed)
        if isinstance(start, ConfirmedStart):
            state = SigningState.before(start.height)
        else:
            state = await asyncio.to_thread(read_comet_state, start, public, chain_id)
        await asyncio.to_thread(protection.require_strong)
        record = record_for(chain_id, public.raw)
        state = await asyncio.to_thread(raise_record, record, state)
        info = await store.adopt(
            seed, protection, chain_id=chain_id, network=network, origin="imported"
        )
    return ImportedKey(info, state, key_file)


def raise_record(record: SigningRecord, state: SigningState) -> SigningState:
    """Raise `record` to `state` unless it is there already; return what is in force. Blocks.

    Raises:
        OneClickError: the record is torn or of another key, or the signer runs.
    """
    newest = record.newest()
    if newest is not None and newest.position >= state.position:
        return newest
    record.lift(state)
    return state


def read_comet_key(path: Path) -> SecretBytes:
    """The private key in CometBFT's key file, every part of which must fit the others.

    Raises:
        ImportUnreadable: it is not such a file.
        ImportKeyMismatch: public key or address are not those of the private key.
    """
    file = _read(_KeyFile, path, _KEY_KIND)
    try:
        expanded = SecretBytes(bytearray(decode_base64(file.priv_key.value)))
        named = ConsensusPublicKey.from_base64(file.pub_key.value)
    except ValueError as error:
        raise ImportUnreadable(path=path, kind=_KEY_KIND, reason=f"A key is {error}.") from None
    with expanded:
        if len(expanded) != _EXPANDED_SIZE:
            reason = f"The private key has {len(expanded)} bytes instead of {_EXPANDED_SIZE}."
            raise ImportUnreadable(path=path, kind=_KEY_KIND, reason=reason)
        seed = expanded.part(0, SEED_SIZE)
        with expanded.view() as view:
            second_half = bytes(view[SEED_SIZE:])
    public = public_key_of(seed)
    if named != public or second_half != public.raw:
        seed.close()
        raise ImportKeyMismatch(
            path=path, reason="The public key in it is not that of its private key."
        )
    if file.address != public.address:
        seed.close()
        raise ImportKeyMismatch(path=path, reason="The address in it is not that of its key.")
    return seed


def read_comet_state(path: Path, public: ConsensusPublicKey, chain_id: str) -> SigningState:
    """The signing state in CometBFT's state file, checked to be one of this key and chain.

    Raises:
        ImportUnreadable: it is not such a file.
        ImportStateMismatch: its signature is not one of this key, or its parts differ.
    """
    file = _read(_StateFile, path, _STATE_KIND)
    try:
        state = SigningState(
            int(file.height),
            file.round,
            file.step,
            bytes.fromhex(file.signbytes or ""),
            decode_base64(file.signature or ""),
        )
    except ValueError as error:
        reason = f"It does not hold what it should: {error}."
        raise ImportUnreadable(path=path, kind=_STATE_KIND, reason=reason) from None
    if bool(state.sign_bytes) != bool(state.signature):
        raise ImportStateMismatch(
            path=path, reason="It has only one of signature and signed bytes."
        )
    if state.signature and not public.verifies(state.sign_bytes, state.signature):
        raise ImportStateMismatch(path=path, reason="The signature in it was made by another key.")
    if state.sign_bytes and not _says_position(state):
        raise ImportStateMismatch(
            path=path, reason="Its height, round or step are not those that were signed."
        )
    if state.sign_bytes and not _says_chain(state, chain_id):
        raise ImportStateMismatch(
            path=path, reason=f"What it signed last was not for the chain {chain_id}."
        )
    return state


def _says_position(state: SigningState) -> bool:
    """Whether the signed message starts with this type, height and round (after its length)."""
    if state.step not in _SIGNED_TYPES or state.height == 0:
        return False
    head = b"\x08" + bytes([_SIGNED_TYPES[state.step]])
    head += b"\x11" + state.height.to_bytes(8, "little")
    if state.round:
        head += b"\x19" + state.round.to_bytes(8, "little")
    for body in (state.sign_bytes[1:], state.sign_bytes[2:]):
        if body.startswith(head):
            # A round of 0 is left out: then no round must follow.
            return bool(state.round) or body[len(head) : len(head) + 1] != b"\x19"
    return False


def _says_chain(state: SigningState, chain_id: str) -> bool:
    """Whether the signed message ends with this chain id (field 6 of a vote, 7 of a proposal)."""
    name = chain_id.encode()
    field = 7 if state.step == STEP_PROPOSE else 6
    return state.sign_bytes.endswith(bytes([field << 3 | 2, len(name)]) + name)


def _read(kind: type[M], path: Path, words: str) -> M:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ImportUnreadable(path=path, kind=words, reason=f"{reason}.") from None
    if len(content) > MAX_FILE_BYTES:
        raise ImportUnreadable(path=path, kind=words, reason="It is far too large.")
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ImportUnreadable(
            path=path, kind=words, reason=f"Wrong at {place}: {first['msg']}."
        ) from None
