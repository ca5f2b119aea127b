# SPDX-License-Identifier: Apache-2.0
"""An account of the localnet that operates a validator: made, funded and signing here.

Its key lies in the test keyring beside the faucet's: tokens of this network have no worth.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import AsyncFileLock

from bridge.localnet.errors import TransactionFailed
from bridge.localnet.faucet import fund
from bridge.localnet.founding import TEST_KEYRING
from bridge.localnet.network import running_info
from bridge.localnet.record import LocalnetInfo
from node_manager.cosmos.errors import ProgramFailed
from node_manager.cosmos.program import Program
from node_manager.layout import Layout


@dataclass(frozen=True, slots=True)
class Operator:
    """The account that operates the validator of one node."""

    info: LocalnetInfo
    name: str
    address: str

    async def sign(self, unsigned: Path, signed: Path) -> None:
        """Sign the transaction file `unsigned` into `signed`.

        Raises:
            TransactionFailed: the node program does not sign it, and why.
        """
        rpc = self.info.rpc_url.replace("http://", "tcp://")
        try:
            await Program(self.info.posd).call(
                *("tx", "sign", str(unsigned), "--from", self.name, *TEST_KEYRING),
                *("--home", str(self.info.faucet_home), "--chain-id", self.info.chain_id),
                *("--node", rpc, "--output-document", str(signed)),
            )
        except ProgramFailed as error:
            detail = str(error.facts.get("said", "unknown"))
            raise TransactionFailed(purpose="sign", detail=detail) from error


async def holds(layout: Layout, address: str) -> bool:
    """Whether the localnet's keyring has the key of the account `address`.

    Raises:
        NotRunning: the localnet does not run.
    """
    info = await running_info(layout)
    return await _find(info, Program(info.posd), address) is not None


async def operator_of(layout: Layout, account: str, least: int) -> Operator:
    """The account of that name or address, with at least `least` base units to spend.

    A name that is not there yet gets a key.

    Raises:
        NotRunning, TransactionFailed, TransactionNotSeen.
    """
    info = await running_info(layout)
    program = Program(info.posd)
    async with AsyncFileLock(info.folder.root / "wallet.lock"):
        found = await _find(info, program, account)
        if found is None:
            made = await program.call("keys", "add", account, *_place(info))
            found = json.loads(made.stdout)
    address = str(found["address"])
    if least > 0:
        await fund(layout, address, least)
    return Operator(info, str(found["name"]), address)


async def _find(info: LocalnetInfo, program: Program, account: str) -> dict[str, Any] | None:
    told = json.loads((await program.call("keys", "list", *_place(info))).stdout or "[]")
    return next((one for one in told if account in (one["name"], one["address"])), None)


def _place(info: LocalnetInfo) -> tuple[str, ...]:
    return ("--home", str(info.faucet_home), *TEST_KEYRING, "--output", "json")
