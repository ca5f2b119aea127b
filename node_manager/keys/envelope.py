# SPDX-License-Identifier: Apache-2.0
"""The sealed JSON file: a readable header, a lock, and a payload that only the lock's key opens.

Everything but the payload and the marks is the AEAD's associated data, in canonical JSON (sorted
names, no spaces, ASCII). The checksum over the whole tells damage from a wrong passphrase; what
guards against forgery is the AEAD.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from node_manager.explanation import OneClickError
from node_manager.keys.consensus import decode_base64
from node_manager.keys.kdf import Argon2Parameters
from node_manager.keys.secret import SecretBytes

VERSION = 1
MAX_FILE_BYTES = 256 * 1024
_NONCE_SIZE = 12
_TAG_SIZE = 16

Line = Annotated[str, StringConstraints(max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One printable line of a header."""


class Part(BaseModel):
    """A part of an envelope: exactly these fields, of exactly these types."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)


class PassphraseLock(Part):
    """The key comes from a passphrase."""

    mode: Literal["passphrase"] = "passphrase"
    kdf: Argon2Parameters


class KeyringLock(Part):
    """The key is 32 random bytes in the system's keyring."""

    mode: Literal["keyring"] = "keyring"
    service: Literal["oneclick-validator"] = "oneclick-validator"
    account: Line


Lock = PassphraseLock | KeyringLock


class Envelope(Part):
    """What every sealed file has; the kinds add their header."""

    version: Literal[1] = 1
    lock: Annotated[Lock, Field(discriminator="mode")]
    aead: Literal["chacha20-poly1305"] = "chacha20-poly1305"
    nonce: str = ""
    ciphertext: str = ""
    checksum: str = ""

    def associated_data(self) -> bytes:
        """The bytes that the AEAD binds to the payload."""
        return canonical(self, without={"ciphertext", "checksum", "marks"})


E = TypeVar("E", bound=Envelope)


class _Stamp(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)
    version: int


def canonical(part: BaseModel, *, without: set[str] | None = None) -> bytes:
    """The one JSON text of `part`, whatever the file's layout was."""
    fields = part.model_dump(mode="json", exclude=without)
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def seal(draft: E, payload: SecretBytes, key: SecretBytes) -> E:
    """Fill in nonce, ciphertext and checksum of `draft`.

    The key must be a new one for every call, so that a nonce is never met twice.
    """
    nonce = os.urandom(_NONCE_SIZE)
    named = draft.model_copy(update={"nonce": base64.b64encode(nonce).decode()})
    with key.view() as key_view, payload.view() as payload_view:
        ciphertext = ChaCha20Poly1305(key_view).encrypt(
            nonce, payload_view, named.associated_data()
        )
    return with_checksum(
        named.model_copy(update={"ciphertext": base64.b64encode(ciphertext).decode()})
    )


def unseal(envelope: Envelope, key: SecretBytes) -> SecretBytes:
    """The payload of `envelope`.

    Raises:
        InvalidTag: the key is another one, or the file was altered.
        ValueError: nonce or ciphertext cannot be ones of this format.
    """
    nonce, ciphertext = decode_base64(envelope.nonce), decode_base64(envelope.ciphertext)
    if len(nonce) != _NONCE_SIZE or len(ciphertext) <= _TAG_SIZE:
        raise ValueError("nonce or ciphertext has a wrong size")
    payload = SecretBytes.blank(len(ciphertext) - _TAG_SIZE)
    with key.view() as key_view, payload.view() as target:
        ChaCha20Poly1305(key_view).decrypt_into(
            nonce, ciphertext, envelope.associated_data(), target
        )
    return payload


def with_checksum(envelope: E) -> E:
    """`envelope` with the checksum of its content."""
    return envelope.model_copy(update={"checksum": _checksum(envelope)})


def render(envelope: Envelope) -> bytes:
    """The file's content, what a person reads first."""
    fields = envelope.model_dump(mode="json")
    first = {name: fields.pop(name) for name in ("version", "kind", "header")}
    return (json.dumps(first | fields, indent=2) + "\n").encode()


def parse(
    kind: type[E],
    content: bytes,
    path: Path,
    *,
    damaged: type[OneClickError],
    newer: type[OneClickError],
) -> E:
    """Read the content of the file `path` and check that it is undamaged.

    Raises:
        OneClickError: `damaged` (facts `path`, `reason`), or `newer` (facts `path`, `version`).
    """
    if len(content) > MAX_FILE_BYTES:
        raise damaged(path=path, reason="It is far larger than such a file ever is.")
    try:
        version = _Stamp.model_validate_json(content).version
        if version > VERSION:
            raise newer(path=path, version=version)
        envelope = kind.model_validate_json(content)
    except ValidationError as error:
        raise damaged(path=path, reason=_reason(error)) from None
    if _checksum(envelope) != envelope.checksum:
        raise damaged(path=path, reason="Its checksum does not fit its content.")
    return envelope


def _checksum(envelope: Envelope) -> str:
    return hashlib.sha256(canonical(envelope, without={"checksum"})).hexdigest()


def _reason(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "the file"
    return f"Wrong at {place}: {first['msg']}."
