# SPDX-License-Identifier: Apache-2.0
"""EIP-2335 keystores: opening one with its password (scrypt or PBKDF2, AES-128-CTR, SHA-256)."""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from pathlib import Path
from typing import Annotated, Literal

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from node_manager.keys.secret import SecretBytes
from node_manager.obol.errors import KeystoreRefused

MAX_BYTES = 64 * 1024
MAX_WORK = 2**20
"""Bounds of the key derivation's cost: a file must not exhaust the computer."""

Hex = Annotated[str, StringConstraints(pattern=r"^(0x)?([0-9a-fA-F]{2})*$", max_length=4096)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class ScryptParams(_Part):
    """Parameters of scrypt."""

    dklen: Literal[32]
    n: int = Field(ge=2, le=MAX_WORK)
    r: int = Field(ge=1, le=16)
    p: int = Field(ge=1, le=16)
    salt: Hex


class Pbkdf2Params(_Part):
    """Parameters of PBKDF2."""

    dklen: Literal[32]
    c: int = Field(ge=1, le=4 * MAX_WORK)
    prf: Literal["hmac-sha256"]
    salt: Hex


class ScryptKdf(_Part):
    """The scrypt module."""

    function: Literal["scrypt"]
    params: ScryptParams


class Pbkdf2Kdf(_Part):
    """The PBKDF2 module."""

    function: Literal["pbkdf2"]
    params: Pbkdf2Params


class Checksum(_Part):
    """The checksum module."""

    function: Literal["sha256"]
    message: Hex


class CipherParams(_Part):
    """The cipher's starting counter."""

    iv: Hex


class CipherModule(_Part):
    """The cipher module."""

    function: Literal["aes-128-ctr"]
    params: CipherParams
    message: Hex


class Crypto(_Part):
    """The three modules."""

    kdf: Annotated[ScryptKdf | Pbkdf2Kdf, Field(discriminator="function")]
    checksum: Checksum
    cipher: CipherModule


class Keystore(_Part):
    """A keystore of version 4; `pubkey` is hex without 0x."""

    crypto: Crypto
    pubkey: Hex
    version: Literal[4]

    @property
    def public_key(self) -> bytes:
        """48 bytes, as the file says."""
        return _bytes(self.pubkey)


def read_keystore(path: Path) -> Keystore:
    """Read a keystore without opening it.

    Raises:
        KeystoreRefused: it is not one.
    """
    try:
        content = path.read_bytes()
        if len(content) > MAX_BYTES:
            raise KeystoreRefused(path=path, reason="It is far larger than a keystore ever is.")
        return Keystore.model_validate(json.loads(content))
    except OSError as error:
        raise KeystoreRefused(path=path, reason=f"{error.strerror or error}.") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise KeystoreRefused(path=path, reason=f"Wrong at {place}: {first['msg']}.") from None
    except ValueError:
        raise KeystoreRefused(path=path, reason="It is not JSON.") from None


def open_keystore(path: Path, password: str) -> SecretBytes:
    """The 32-byte secret of a keystore. Blocks for the key derivation.

    Raises:
        KeystoreRefused: it is not one, or the password is another.
    """
    keystore = read_keystore(path)
    crypto = keystore.crypto
    key = _derive(crypto.kdf, _normal(password))
    message = _bytes(crypto.cipher.message)
    found = hashlib.sha256(key[16:32] + message).digest()
    if not hmac.compare_digest(found, _bytes(crypto.checksum.message)):
        raise KeystoreRefused(path=path, reason="The password is not that of this keystore.")
    iv = _bytes(crypto.cipher.params.iv)
    if len(iv) != 16 or len(message) != 32:
        raise KeystoreRefused(path=path, reason="Its cipher has impossible sizes.")
    decryptor = Cipher(algorithms.AES(key[:16]), modes.CTR(iv)).decryptor()
    return SecretBytes(bytearray(decryptor.update(message) + decryptor.finalize()))


def _derive(kdf: ScryptKdf | Pbkdf2Kdf, password: bytes) -> bytes:
    salt = _bytes(kdf.params.salt)
    if isinstance(kdf, ScryptKdf):
        params = kdf.params
        return Scrypt(salt=salt, length=32, n=params.n, r=params.r, p=params.p).derive(password)
    return PBKDF2HMAC(algorithm=SHA256(), length=32, salt=salt, iterations=kdf.params.c).derive(
        password
    )


def _normal(password: str) -> bytes:
    """NFKD, and without control characters, as EIP-2335 has it."""
    text = unicodedata.normalize("NFKD", password)
    return "".join(c for c in text if not (ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F)).encode()


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
