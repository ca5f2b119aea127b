# SPDX-License-Identifier: Apache-2.0
"""Keys, files and doubles that the tests of key custody share."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node_manager.keys.consensus import ConsensusPublicKey
from node_manager.keys.kdf import KdfPolicy
from node_manager.keys.signing_state import SigningState

CHEAP = KdfPolicy(memory_kib=32, iterations=1, lanes=4, floor_kib=32)
"""A derivation in microseconds, possible only because the test lowers the floor by hand."""

STRONG = "gravel otter lantern mosaic seven"
OTHER = "basalt pepper wagon tulip nine"
CHAIN = "omniphi-localnet-1"
SEED = bytes(range(1, 33))
PRIVATE = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = ConsensusPublicKey(PRIVATE.public_key().public_bytes_raw())
OTHER_PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(2, 34)))

SIGNED_TYPE = {1: 32, 2: 1, 3: 2}


class MemoryKeyring:
    """A keyring in memory, at the door to the operating system's."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}
        self.broken_delete: Exception | None = None

    def get(self, account: str) -> str | None:
        return self.held.get(account)

    def put(self, account: str, text: str) -> None:
        self.held[account] = text

    def delete(self, account: str) -> None:
        if self.broken_delete:
            raise self.broken_delete
        self.held.pop(account, None)


def sign_bytes(height: int, round_: int, step: int, chain_id: str = CHAIN) -> bytes:
    """The canonical bytes of a nil vote or an empty proposal, as CometBFT writes them."""
    body = bytes([0x08, SIGNED_TYPE[step]])
    if height:
        body += b"\x11" + height.to_bytes(8, "little")
    if round_:
        body += b"\x19" + round_.to_bytes(8, "little")
    name = chain_id.encode()
    body += bytes([(7 if step == 1 else 6) << 3 | 2, len(name)]) + name
    return bytes([len(body)]) + body


def signed_state(
    height: int,
    round_: int = 0,
    step: int = 3,
    *,
    chain_id: str = CHAIN,
    by: Ed25519PrivateKey = PRIVATE,
) -> SigningState:
    message = sign_bytes(height, round_, step, chain_id)
    return SigningState(height, round_, step, message, by.sign(message))


def comet_key(**changes: object) -> dict[str, object]:
    """CometBFT's priv_validator_key.json of SEED."""
    return {
        "address": PUBLIC.address,
        "pub_key": {"type": "tendermint/PubKeyEd25519", "value": PUBLIC.base64},
        "priv_key": {
            "type": "tendermint/PrivKeyEd25519",
            "value": base64.b64encode(SEED + PUBLIC.raw).decode(),
        },
        **changes,
    }


def comet_state(state: SigningState, **changes: object) -> dict[str, object]:
    """CometBFT's priv_validator_state.json of `state`."""
    file: dict[str, object] = {
        "height": str(state.height),
        "round": state.round,
        "step": state.step,
    }
    if state.signature:
        file["signature"] = base64.b64encode(state.signature).decode()
        file["signbytes"] = state.sign_bytes.hex().upper()
    return file | changes


def written(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content, indent=2))
    return path
