# SPDX-License-Identifier: Apache-2.0
"""What a signer is told when it starts: one JSON line without a secret, then the key's 32 bytes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from node_manager.signer.errors import PlanRefused

SEED = 32
"""Bytes of an ed25519 seed."""

MAX_ORDER = 16 * 1024
"""Bytes of plan and key together, what a pipe takes before anybody reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerPlan:
    """The order of one signer.

    Attributes:
        chain_id: the only chain it signs for.
        pubkey: of the key that follows, 32 bytes.
        folder: where the signing record lies.
        node_address: what the node has as `priv_validator_laddr`: `unix:///path` or
            `tcp://host:port`.
        control: where its control socket is made (`control.py`).
        lock_folder: where signers of this user lock their keys.
        node_id: 40 hex digits, the node's key pinned on tcp; empty for any. CometBFT up to 0.38
            makes a new key at each start, so a stock node cannot be pinned.
        seen_height: newest height at which the chain shows a signature of this key, None for
            none; a record below it is refused.
        seen_round: the round of that signature.
        repair_above: replace a missing, torn or old record by one that signs nothing up to this
            height (`journal.nothing_signed_above`); None to refuse it.
    """

    chain_id: str
    pubkey: bytes
    folder: Path
    node_address: str
    control: Path
    lock_folder: Path
    node_id: str = ""
    seen_height: int | None = None
    seen_round: int = 0
    repair_above: int | None = None

    def to_line(self) -> bytes:
        """The JSON line."""
        fields = {
            name: value.hex() if isinstance(value, bytes) else value
            for name, value in asdict(self).items()
        }
        return json.dumps(fields, default=str).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> SignerPlan:
        """Read the JSON line.

        Raises:
            PlanRefused: it is not one.
        """
        try:
            fields = json.loads(line)
            for name in ("folder", "control", "lock_folder"):
                fields[name] = Path(fields[name])
            fields["pubkey"] = bytes.fromhex(fields["pubkey"])
            plan = cls(**fields)
        except (ValueError, TypeError, KeyError) as error:
            raise PlanRefused(why=f"The plan cannot be read: {error}") from None
        if len(plan.pubkey) != SEED or not plan.chain_id:
            raise PlanRefused(why="The plan names no chain or no key.")
        return plan
