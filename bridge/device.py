# SPDX-License-Identifier: Apache-2.0
"""The key of this computer: it signs heartbeats, so that nobody else can send them in its name.

An orchestrator pins it to the consensus key at the first heartbeat. It is not a consensus key
and signs nothing else. A signature covers a tag, the moment and the bytes of the body.
"""

from __future__ import annotations

import base64
import time
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from node_manager.durable import make_private_folder, write_durably
from node_manager.explanation import OneClickError

KEY_HEADER = "X-Device-Key"
TIME_HEADER = "X-Device-Time"
SIGNATURE_HEADER = "X-Device-Signature"

_TAG = b"oneclick-validator heartbeat v1"
_SEED_BYTES = 32


class DeviceKeyUnreadable(OneClickError):
    """The key file is damaged."""

    code = "device-key-unreadable"
    what = "The device key {path} cannot be read."
    why = "{reason}"
    todo = "Remove the file; a new key is made, and the orchestrator asks the wallet to accept it."


class DeviceKey:
    """The private key of this computer."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = encoded(private.public_key().public_bytes_raw())

    @classmethod
    def load_or_create(cls, path: Path) -> DeviceKey:
        """The key at `path`, made durably at the first time. Blocks for the disk.

        Raises:
            DeviceKeyUnreadable: the file is not such a key.
            OSError: a new key could not be written.
        """
        try:
            seed = base64.b64decode(path.read_bytes(), validate=True)
            if len(seed) != _SEED_BYTES:
                raise ValueError("It has the wrong length.")
            return cls(Ed25519PrivateKey.from_private_bytes(seed))
        except FileNotFoundError:
            private = Ed25519PrivateKey.generate()
            make_private_folder(path.parent)
            write_durably(path, encoded(private.private_bytes_raw()))
            return cls(private)
        except (OSError, ValueError) as error:
            raise DeviceKeyUnreadable(path=path, reason=str(error)) from error

    def sign(self, body: bytes, moment_ms: int | None = None) -> dict[str, str]:
        """The headers that prove `body` to be this device's at the Unix time `moment_ms`."""
        moment = time.time_ns() // 1_000_000 if moment_ms is None else moment_ms
        return {
            KEY_HEADER: self.public,
            TIME_HEADER: str(moment),
            SIGNATURE_HEADER: encoded(self._private.sign(_message(moment, body))),
        }


def signed_by(public: bytes, signature: bytes, moment_ms: int, body: bytes) -> bool:
    """Whether the device with the key `public` signed `body` at `moment_ms`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _message(moment_ms, body))
    except (InvalidSignature, ValueError):
        return False
    return True


def encoded(raw: bytes) -> str:
    """Base64 text of `raw`."""
    return base64.b64encode(raw).decode("ascii")


def _message(moment_ms: int, body: bytes) -> bytes:
    return b"\n".join([_TAG, str(moment_ms).encode("ascii"), body])
