# SPDX-License-Identifier: Apache-2.0
"""The sealed file of one consensus key: what stands in it, and how it is made and opened."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from node_manager.keys.consensus import SEED_SIZE, ConsensusPublicKey, public_key_of
from node_manager.keys.envelope import (
    Envelope,
    Line,
    Part,
    parse,
    seal,
    with_checksum,
)
from node_manager.keys.errors import KeyDamaged, KeyFromNewer
from node_manager.keys.kdf import KdfPolicy
from node_manager.keys.marks import Marks, vouch_holds, vouched
from node_manager.keys.opening import open_sealed
from node_manager.keys.protection import Protection
from node_manager.keys.secret import SecretBytes
from node_manager.version import VERSION as APP_VERSION

Origin = Literal["created", "imported", "restored"]
EnvelopeId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class KeyFacts(Part):
    """The readable facts of a key, bound to it by the AEAD wherever they stand.

    Attributes:
        network: id of the network's profile, empty when it is not known.
        chain_id: the chain that the key signs for.
        public_key: base64, as CometBFT prints it.
        address: upper-case hex, as CometBFT prints it.
        created_at: when this file was made, RFC 3339 in UTC.
        app_version: the version of this app that made it.
    """

    network: Line
    chain_id: Annotated[Line, StringConstraints(min_length=1)]
    public_key: Line
    address: Line
    created_at: Line
    app_version: Line

    @model_validator(mode="after")
    def _address_fits_key(self) -> Self:
        if ConsensusPublicKey.from_base64(self.public_key).address != self.address:
            raise ValueError("the address is not that of the public key")
        return self


class KeyHeader(KeyFacts):
    """The header of a key file."""

    id: EnvelopeId
    origin: Origin


class KeyEnvelope(Envelope):
    """A key file."""

    kind: Literal["consensus-key"] = "consensus-key"
    header: KeyHeader
    marks: Marks


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """What can be read of a key without opening it. Vouched for only when it was opened.

    Attributes:
        mode: how it is unlocked.
        created_at: RFC 3339 in UTC.
        needs_doppelganger: it must not sign before the chain was watched for its signatures.
        checked_height: height at which that check passed, None where there was none.
    """

    public_key: ConsensusPublicKey
    network: str
    chain_id: str
    mode: Literal["passphrase", "keyring"]
    origin: Origin
    created_at: str
    needs_doppelganger: bool
    checked_height: int | None

    @property
    def address(self) -> str:
        """The address in upper-case hex."""
        return self.public_key.address


def now() -> str:
    """The time in a header: RFC 3339, UTC, whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def parse_key(content: bytes, path: Path) -> KeyEnvelope:
    """Read a key file's content without opening it; `path` is for the message only.

    Raises:
        KeyDamaged, KeyFromNewer: it is not one, or not one of ours.
    """
    return parse(KeyEnvelope, content, path, damaged=KeyDamaged, newer=KeyFromNewer)


def info_of(envelope: KeyEnvelope) -> KeyInfo:
    """What the envelope says of its key."""
    header, marks = envelope.header, envelope.marks
    return KeyInfo(
        public_key=ConsensusPublicKey.from_base64(header.public_key),
        network=header.network,
        chain_id=header.chain_id,
        mode=envelope.lock.mode,
        origin=header.origin,
        created_at=header.created_at,
        needs_doppelganger=marks.needs_doppelganger,
        checked_height=marks.checked_height,
    )


def new_header(seed: SecretBytes, *, network: str, chain_id: str, origin: Origin) -> KeyHeader:
    """The header of a new key file.

    Raises:
        ValueError: network or chain id are no printable line of reasonable length.
    """
    public = public_key_of(seed)
    return KeyHeader(
        id=secrets.token_hex(16),
        origin=origin,
        network=network,
        chain_id=chain_id,
        public_key=public.base64,
        address=public.address,
        created_at=now(),
        app_version=APP_VERSION,
    )


def seal_key(
    seed: SecretBytes,
    header: KeyHeader,
    marks: Marks,
    protection: Protection,
    owner: str,
    policy: KdfPolicy,
) -> KeyEnvelope:
    """Seal `seed` under a lock that was never used."""
    lock, key = protection.new_lock(owner, policy)
    with key:
        draft = KeyEnvelope(lock=lock, header=header, marks=vouched(marks, seed, header.id))
        return seal(draft, seed, key)


def open_key(
    envelope: KeyEnvelope, protection: Protection, policy: KdfPolicy, path: Path
) -> SecretBytes:
    """The 32-byte private key in the envelope.

    Raises:
        OneClickError: the protection is another one, or the file was altered (KeyDamaged).
    """
    wrong = protection.wrong_key(envelope.lock)
    seed = open_sealed(envelope, protection, policy, path, wrong=wrong, damaged=KeyDamaged)
    try:
        check_vouched(envelope, seed, path)
    except KeyDamaged:
        seed.close()
        raise
    return seed


def check_vouched(envelope: KeyEnvelope, seed: SecretBytes, path: Path) -> None:
    """Check that the envelope is of the key `seed` and that its marks are as that key set them.

    Raises:
        KeyDamaged: they are not.
    """
    header = envelope.header
    if len(seed) != SEED_SIZE or public_key_of(seed).base64 != header.public_key:
        raise KeyDamaged(path=path, reason="The key in use is not the one that its header names.")
    if not vouch_holds(envelope.marks, seed, header.id):
        raise KeyDamaged(path=path, reason="The marks of the doppelganger check were altered.")


def remark(envelope: KeyEnvelope, marks: Marks, seed: SecretBytes) -> KeyEnvelope:
    """The envelope with other marks, vouched for by `seed`."""
    return with_checksum(
        envelope.model_copy(update={"marks": vouched(marks, seed, envelope.header.id)})
    )
