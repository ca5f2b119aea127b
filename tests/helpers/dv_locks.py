# SPDX-License-Identifier: Apache-2.0
"""Whole clusters made in the tests: key shares, keystores and a lock that everybody signed.

py_ecc signs, eth-keyfile writes the keystores, eth-keys signs as the nodes: other libraries than
those of the product check them.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_keyfile import create_keyfile_json
from eth_keys.main import lazy_key_api as keys
from py_ecc.bls import G2ProofOfPossession as Bls

from node_manager.obol.cluster import bls, hashes, ssz
from node_manager.obol.cluster.documents import parse_lock
from tests.helpers.dv_material import DEAD

ORDER = bls.ORDER


@dataclass(frozen=True)
class MadeLock:
    """A lock and the secrets behind it: `shares[operator][validator]`."""

    raw: dict[str, Any]
    shares: list[list[int]]

    def write(self, folder: Path, operator: int) -> None:
        """What a ceremony leaves in one node's folder, with the modes that charon gives."""
        keystores = folder / "validator_keys"
        keystores.mkdir(parents=True, exist_ok=True)
        for number, share in enumerate(self.shares[operator]):
            password = f"{number:032d}"
            stored = create_keyfile_json(
                share.to_bytes(32, "big"), password.encode(), version=4, iterations=1024
            )
            file = keystores / f"keystore-{number}.json"
            file.write_text(json.dumps(stored))
            file.chmod(0o444)
            (keystores / f"keystore-{number}.txt").write_text(password)
            (keystores / f"keystore-{number}.txt").chmod(0o400)
        lock = folder / "cluster-lock.json"
        lock.write_text(json.dumps(self.raw))
        lock.chmod(0o444)
        deposit = folder / "deposit-data.json"
        deposit.write_text("[]")
        deposit.chmod(0o444)


def make_lock(definition: dict[str, Any], node_keys: list[bytes], seed: int = 7) -> MadeLock:
    """The lock of a definition, as a ceremony would make it."""
    minor = int(definition["version"].split(".")[1])
    fork = bytes.fromhex(definition["fork_version"][2:])
    operators = len(definition["operators"])
    validators, shares = [], [[] for _ in range(operators)]
    for number in range(definition["num_validators"]):
        polynomial = [
            (seed * 7919 + number * 104729 + power * 1299709 + 1) ** 5 % ORDER
            for power in range(definition["threshold"])
        ]
        secret = polynomial[0]
        own = [
            sum(c * pow(index, power, ORDER) for power, c in enumerate(polynomial)) % ORDER
            for index in range(1, operators + 1)
        ]
        for operator, share in enumerate(own):
            shares[operator].append(share)
        validators.append(_validator(secret, own, definition, number, minor, fork))
    raw: dict[str, Any] = {
        "cluster_definition": copy.deepcopy(definition),
        "distributed_validators": validators,
        "signature_aggregate": "",
        "lock_hash": "0x" + "00" * 32,
    }
    digest = hashes.lock_hash(parse_lock(raw))
    raw["lock_hash"] = _hex(digest)
    every = [share for number in range(len(validators)) for share in (s[number] for s in shares)]
    raw["signature_aggregate"] = _hex(Bls.Aggregate([Bls.Sign(one, digest) for one in every]))
    if minor >= 7:
        raw["node_signatures"] = [
            _hex(keys.PrivateKey(key).sign_msg_hash(digest).to_bytes()) for key in node_keys
        ]
    return MadeLock(raw, shares)


def _validator(
    secret: int,
    shares: list[int],
    definition: dict[str, Any],
    number: int,
    minor: int,
    fork: bytes,
) -> dict[str, Any]:
    public = Bls.SkToPk(secret)
    raw: dict[str, Any] = {
        "distributed_public_key": _hex(public),
        "public_shares": [_hex(Bls.SkToPk(share)) for share in shares],
    }
    addresses = definition["validators"][number]
    if minor >= 6:
        deposit = _deposit(secret, public, addresses["withdrawal_address"], fork)
        if minor < 8:
            raw["deposit_data"] = deposit
        else:
            raw["partial_deposit_data"] = [deposit]
    if minor >= 7:
        raw["builder_registration"] = _registration(
            secret, public, addresses["fee_recipient_address"], fork
        )
    return raw


def _deposit(secret: int, public: bytes, address: str, fork: bytes) -> dict[str, Any]:
    credentials = bytes([1]) + bytes(11) + bytes.fromhex(address[2:])
    amount = 32_000_000_000
    root = ssz.container(ssz.vector(public), ssz.vector(credentials), ssz.uint64(amount))
    signed = Bls.Sign(secret, bls.signing_root(root, bls.DOMAIN_DEPOSIT, fork))
    return {
        "pubkey": _hex(public),
        "withdrawal_credentials": _hex(credentials),
        "amount": str(amount),
        "signature": _hex(signed),
    }


def _registration(secret: int, public: bytes, address: str, fork: bytes) -> dict[str, Any]:
    recipient = bytes.fromhex(address[2:])
    root = ssz.container(
        ssz.vector(recipient), ssz.uint64(60000000), ssz.uint64(1655733600), ssz.vector(public)
    )
    signed = Bls.Sign(secret, bls.signing_root(root, bls.DOMAIN_BUILDER, fork))
    return {
        "message": {
            "fee_recipient": DEAD.lower(),
            "gas_limit": 60000000,
            "timestamp": 1655733600,
            "pubkey": _hex(public),
        },
        "signature": _hex(signed),
    }


def _hex(data: bytes) -> str:
    return "0x" + data.hex()
