# SPDX-License-Identifier: Apache-2.0
"""Definitions signed in the tests by independent libraries (eth-account, py_ecc)."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data

from node_manager.obol.cluster import hashes
from node_manager.obol.cluster.documents import parse_definition

FORKS = {"mainnet": "0x00000000", "sepolia": "0x90000069", "hoodi": "0x10000910"}
CHAINS = {"mainnet": 1, "sepolia": 11155111, "hoodi": 560048}
DEAD = "0x000000000000000000000000000000000000dEaD"


def sign_typed(key: bytes, name: str, field_name: str, value: str, chain_id: int) -> str:
    """An EIP-712 signature over Obol's domain."""
    message = encode_typed_data(
        {"name": "Obol", "version": "1", "chainId": chain_id},
        {name: [{"name": field_name, "type": "string"}]},
        {field_name: value},
    )
    return "0x" + Account.sign_message(message, key).signature.hex()


@dataclass
class Cluster:
    """A definition that grows signature by signature; operator keys are throwaway.

    Attributes:
        enrs: one an operator, None while it has given none.
    """

    enrs: list[str | None]
    network: str = "hoodi"
    version: str = "v1.10.0"
    validators: int = 1
    threshold: int = 3
    name: str = "test cluster"
    signed: set[int] = field(default_factory=set)

    @property
    def keys(self) -> list[bytes]:
        """The operators' cold keys."""
        return [bytes([number + 1]) * 32 for number in range(len(self.enrs))]

    @property
    def addresses(self) -> list[str]:
        """The operators' addresses."""
        return [Account.from_key(key).address for key in self.keys]

    def sign_all(self) -> Cluster:
        """Every operator signs."""
        self.signed = set(range(len(self.enrs)))
        return self

    def raw(self) -> dict[str, Any]:
        """The definition as the API answers it now."""
        minor = int(self.version.split(".")[1])
        raw: dict[str, Any] = {
            "name": self.name,
            "creator": {"address": self.addresses[0], "config_signature": ""},
            "operators": [
                {
                    "address": address,
                    "enr": self.enrs[index] if index in self.signed else "",
                    "config_signature": "",
                    "enr_signature": "",
                }
                for index, address in enumerate(self.addresses)
            ],
            "uuid": "94FAB0DB-21F6-409A-910C-9E507848086F",
            "version": self.version,
            "timestamp": "2026-11-22T13:18:49Z",
            "num_validators": self.validators,
            "threshold": self.threshold,
            "validators": [
                {"fee_recipient_address": DEAD, "withdrawal_address": DEAD}
                for _ in range(self.validators)
            ],
            "dkg_algorithm": "default",
            "fork_version": FORKS[self.network],
            "config_hash": "0x" + "00" * 32,
            "definition_hash": "0x" + "00" * 32,
        }
        if minor >= 8:
            raw["deposit_amounts"] = None
        if minor >= 9:
            raw["consensus_protocol"] = ""
        if minor >= 10:
            raw |= {"target_gas_limit": 60000000, "compounding": False}
        return self._sign(raw)

    def _sign(self, raw: dict[str, Any]) -> dict[str, Any]:
        chain_id = CHAINS[self.network]
        config = rehash(raw)["config_hash"]
        raw["config_hash"] = config
        raw["creator"]["config_signature"] = sign_typed(
            self.keys[0], "CreatorConfigHash", "creator_config_hash", config, chain_id
        )
        for index in self.signed:
            operator, key = raw["operators"][index], self.keys[index]
            operator["config_signature"] = sign_typed(
                key, "OperatorConfigHash", "operator_config_hash", config, chain_id
            )
            operator["enr_signature"] = sign_typed(key, "ENR", "enr", operator["enr"], chain_id)
        return rehash(raw)


def rehash(raw: dict[str, Any]) -> dict[str, Any]:
    """A copy with the hashes of its content."""
    new = copy.deepcopy(raw)
    new["config_hash"] = "0x" + hashes.config_hash(parse_definition(new)).hex()
    new["definition_hash"] = "0x" + hashes.definition_hash(parse_definition(new)).hex()
    return new
