# SPDX-License-Identifier: Apache-2.0
"""Transactions of the localnet's own accounts, by the node program, followed into their block."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

from filelock import AsyncFileLock

from bridge.localnet.errors import TransactionFailed, TransactionNotSeen
from bridge.localnet.founding import TEST_KEYRING
from bridge.localnet.record import DENOM, MIN_GAS_PRICE, LocalnetInfo
from node_manager.cosmos.errors import NoAnswer, NotFound, ProgramFailed
from node_manager.cosmos.program import Program
from node_manager.cosmos.rest import Rest

SEEN_SECONDS = 30.0
POLL_SECONDS = 0.3
GAS_FACTOR = "1.5"
"""A simulation tells about a tenth too little."""


@dataclass(frozen=True, slots=True)
class Included:
    """A transaction that a block holds and that did what it says.

    Attributes:
        events: as the REST API tells them: type and attributes.
    """

    tx_hash: str
    height: int
    events: tuple[dict[str, Any], ...]

    def attribute(self, event: str, key: str) -> str | None:
        """The value of the first such attribute."""
        for each in self.events:
            if each.get("type") == event:
                for attribute in each.get("attributes", ()):
                    if attribute.get("key") == key:
                        return str(attribute.get("value"))
        return None


async def send(info: LocalnetInfo, sender: str, purpose: str, *command: str) -> Included:
    """Make, sign and send `tx COMMAND...` from the key `sender` and wait for its block.

    One at a time: two transactions of an account in the same block need numbers of their own.

    Raises:
        TransactionFailed: refused, before the block or in it.
        TransactionNotSeen: it is in no block in time.
    """
    program = Program(info.posd)
    async with AsyncFileLock(info.folder.root / "wallet.lock"):
        try:
            output = await program.call(
                *("tx", *command, "--from", sender, "--home", str(info.faucet_home)),
                *(*TEST_KEYRING, "--chain-id", info.chain_id),
                *("--node", info.rpc_url.replace("http://", "tcp://")),
                *("--gas", "auto", "--gas-adjustment", GAS_FACTOR),
                *("--gas-prices", f"{MIN_GAS_PRICE}{DENOM}", "--yes", "--output", "json"),
            )
        except ProgramFailed as error:
            detail = str(error.facts.get("said", "unknown"))
            raise TransactionFailed(purpose=purpose, detail=detail) from error
        told = json.loads(output.stdout)
        # the program ends with 0 even when the node refused
        if told.get("code"):
            raise TransactionFailed(purpose=purpose, detail=told.get("raw_log") or "unknown")
        return await _included(info, str(told["txhash"]), purpose)


async def _included(info: LocalnetInfo, tx_hash: str, purpose: str) -> Included:
    deadline = time.monotonic() + SEEN_SECONDS
    async with Rest([info.rest_url]) as rest:
        while True:
            try:
                told = await rest.get(f"cosmos/tx/v1beta1/txs/{tx_hash}")
            except (NoAnswer, NotFound) as error:
                if time.monotonic() > deadline:
                    raise TransactionNotSeen(
                        tx=tx_hash, purpose=purpose, seconds=int(SEEN_SECONDS)
                    ) from error
                await asyncio.sleep(POLL_SECONDS)
                continue
            response = told["tx_response"]
            if int(response["code"]) != 0:
                raise TransactionFailed(purpose=purpose, detail=response.get("raw_log", "unknown"))
            return Included(tx_hash, int(response["height"]), tuple(response.get("events", ())))
