# SPDX-License-Identifier: Apache-2.0
"""The sealed file of a backup: a readable header over the key and its signing state.

Payload: the 32-byte private key, then the signing state as canonical JSON (`StatePart`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from node_manager.keys.consensus import SEED_SIZE, public_key_of
from node_manager.keys.envelope import (
    Envelope,
    Part,
    PassphraseLock,
    canonical,
    parse,
    seal,
)
from node_manager.keys.errors import (
    BackupDamaged,
    BackupFromNewer,
    BackupPassphraseWrong,
    BackupUnreadable,
)
from node_manager.keys.kdf import KdfPolicy
from node_manager.keys.keyfile import KeyFacts, KeyInfo, now
from node_manager.keys.opening import content_of, open_sealed
from node_manager.keys.protection import Passphrase
from node_manager.keys.secret import SecretBytes
from node_manager.keys.signing_state import (
    MAX_HEIGHT,
    MAX_ROUND,
    MAX_SIGN_BYTES,
    STEP_PRECOMMIT,
    SigningState,
)
from node_manager.version import VERSION as APP_VERSION

Hex = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2})*$")]


class StatePart(Part):
    """A signing state in the payload."""

    height: Annotated[int, Field(ge=0, le=MAX_HEIGHT)]
    round: Annotated[int, Field(ge=0, le=MAX_ROUND)]
    step: Annotated[int, Field(ge=0, le=STEP_PRECOMMIT)]
    sign_bytes: Annotated[Hex, StringConstraints(max_length=2 * MAX_SIGN_BYTES)]
    signature: Annotated[Hex, StringConstraints(max_length=128)]


class BackupEnvelope(Envelope):
    """A backup file."""

    kind: Literal["backup"] = "backup"
    header: KeyFacts
    lock: PassphraseLock


@dataclass(frozen=True, slots=True)
class BackupHeader:
    """What can be read of a backup without opening it.

    Attributes:
        path: the file.
        version: of the format.
        network: id of the network's profile.
        address: upper-case hex.
        public_key: base64.
        created_at: when the backup was made, RFC 3339 in UTC.
        app_version: the version of this app that made it.
        sha256: of the whole file, hex.
    """

    path: Path
    version: int
    network: str
    chain_id: str
    address: str
    public_key: str
    created_at: str
    app_version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class OpenBackup:
    """An open backup; whoever has it closes its seed."""

    header: BackupHeader
    seed: SecretBytes
    state: SigningState


def seal_backup(
    seed: SecretBytes,
    info: KeyInfo,
    state: SigningState,
    passphrase: Passphrase,
    policy: KdfPolicy,
) -> BackupEnvelope:
    """The sealed file of this key and state."""
    header = KeyFacts(
        network=info.network,
        chain_id=info.chain_id,
        public_key=info.public_key.base64,
        address=info.address,
        created_at=now(),
        app_version=APP_VERSION,
    )
    lock, key = passphrase.new_lock("", policy)
    with key, _payload(seed, state) as payload:
        return seal(BackupEnvelope(lock=lock, header=header), payload, key)


def read_backup_file(path: Path) -> tuple[BackupEnvelope, BackupHeader]:
    """Read a backup without opening it.

    Raises:
        BackupUnreadable: the file system does not give it.
        BackupDamaged, BackupFromNewer: it is not a whole backup of this format.
    """
    return parse_backup(content_of(path, unreadable=BackupUnreadable), path)


def parse_backup(content: bytes, path: Path) -> tuple[BackupEnvelope, BackupHeader]:
    """Read a backup's content; `path` is for the header and the messages.

    Raises:
        BackupDamaged, BackupFromNewer: it is not a whole backup of this format.
    """
    envelope = parse(BackupEnvelope, content, path, damaged=BackupDamaged, newer=BackupFromNewer)
    facts = envelope.header
    header = BackupHeader(
        path=path,
        version=envelope.version,
        network=facts.network,
        chain_id=facts.chain_id,
        address=facts.address,
        public_key=facts.public_key,
        created_at=facts.created_at,
        app_version=facts.app_version,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return envelope, header


def open_backup(
    envelope: BackupEnvelope, header: BackupHeader, passphrase: Passphrase, policy: KdfPolicy
) -> OpenBackup:
    """Open a backup. Blocks for the key derivation.

    Raises:
        BackupPassphraseWrong: another passphrase.
        BackupDamaged: it opens, but does not hold what its header says.
        KdfOutOfBounds, MemoryShort: the key derivation is refused or impossible.
    """
    path = header.path
    wrong = BackupPassphraseWrong(path=path)
    with open_sealed(
        envelope, passphrase, policy, path, wrong=wrong, damaged=BackupDamaged
    ) as payload:
        if len(payload) <= SEED_SIZE:
            raise BackupDamaged(path=path, reason="It holds no signing state.")
        with payload.view() as view:
            state = _state(bytes(view[SEED_SIZE:]), path)
        seed = payload.part(0, SEED_SIZE)
    if public_key_of(seed).base64 != header.public_key:
        seed.close()
        raise BackupDamaged(path=path, reason="The key in it is not the one its header names.")
    return OpenBackup(header, seed, state)


def _payload(seed: SecretBytes, state: SigningState) -> SecretBytes:
    part = StatePart(
        height=state.height,
        round=state.round,
        step=state.step,
        sign_bytes=state.sign_bytes.hex(),
        signature=state.signature.hex(),
    )
    text = canonical(part)
    payload = SecretBytes.blank(SEED_SIZE + len(text))
    with payload.view() as target, seed.view() as source:
        target[:SEED_SIZE] = source
        target[SEED_SIZE:] = text
    return payload


def _state(text: bytes, path: Path) -> SigningState:
    try:
        part = StatePart.model_validate_json(text)
        return SigningState(
            part.height,
            part.round,
            part.step,
            bytes.fromhex(part.sign_bytes),
            bytes.fromhex(part.signature),
        )
    except (ValidationError, ValueError):
        raise BackupDamaged(path=path, reason="The signing state in it is not one.") from None
