# SPDX-License-Identifier: Apache-2.0
"""An account of the localnet that operates a validator: made, funded and signing here.

Its key lies in the test keyring beside the faucet's: tokens of this network have no worth.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

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


async def operator_of(layout: Layout, node_id: str, least: int) -> Operator:
    """The operator of the node `node_id`, with at least `least` base units to spend.

    Raises:
        NotRunning, TransactionFailed, TransactionNotSeen.
    """
    info = await running_info(layout)
    name = f"operator-{node_id}"
    program = Program(info.posd)
    place = ("--home", str(info.faucet_home), *TEST_KEYRING, "--output", "json")
    async with AsyncFileLock(info.folder.root / "wallet.lock"):
        told = json.loads((await program.call("keys", "list", *place)).stdout or "[]")
        found = next((one for one in told if one["name"] == name), None)
        if found is None:
            found = json.loads((await program.call("keys", "add", name, *place)).stdout)
    address = str(found["address"])
    if least > 0:
        await fund(layout, address, least)
    return Operator(info, name, address)
