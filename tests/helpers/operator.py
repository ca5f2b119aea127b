# SPDX-License-Identifier: Apache-2.0
"""A person with a wallet, and what the public chain shows of a validator."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import httpx

from bridge.localnet.faucet import fund
from bridge.localnet.record import LocalnetInfo
from tests.helpers.app import PLAIN

STAKE = 10_000_000_000
"""Well below a third of the network's power: it makes blocks while this validator is away."""

VOTED = (2, 3)
"""block_id_flag of a vote for the block, and for nil (CometBFT `types/block.go`): both count as
signed for slashing; a node beside a much stronger validator often sees the block too late."""


class Operator:
    """A wallet in the node program's own keyring."""

    def __init__(self, localnet: LocalnetInfo, home: Path) -> None:
        self.localnet = localnet
        self.home = home
        self.binary = str(localnet.posd_v1)
        told = self.posd("keys", "add", "op", "--keyring-backend", "test", "--output", "json")
        self.address: str = json.loads(told.stdout)["address"]

    def posd(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [self.binary, *words, "--home", str(self.home)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done

    async def create_validator(self, pubkey: str, stake: int = STAKE) -> None:
        """Fund the wallet and make the validator with the program's own command line."""
        await fund(self.localnet.layout, self.address, 2 * stake)
        request = self.home / "validator.json"
        request.write_text(
            json.dumps(
                {
                    "pubkey": {"@type": "/cosmos.crypto.ed25519.PubKey", "key": pubkey},
                    "amount": f"{stake}omniphi",
                    "moniker": "e2e",
                    "commission-rate": "0.1",
                    "commission-max-rate": "0.2",
                    "commission-max-change-rate": "0.01",
                    "min-self-delegation": "1",
                }
            )
        )
        self.send("staking", "create-validator", str(request))

    def send(self, *words: str) -> None:
        """Send a transaction; its code in the block is for the caller to look at."""
        done = self.posd(
            "tx", *words, "--from", "op",
            "--keyring-backend", "test", "--chain-id", self.localnet.chain_id,
            "--node", self.localnet.rpc_url.replace("http://", "tcp://"),
            "--gas", "auto", "--gas-adjustment", "1.5", "--gas-prices", "0.025omniphi",
            "--yes", "--output", "json",
        )  # fmt: skip
        assert json.loads(done.stdout)["code"] == 0, done.stdout


async def vote_of(rpc_url: str, address: str, height: int) -> int | None:
    """block_id_flag of the validator's vote in the commit of `height`, None for none."""
    async with httpx.AsyncClient(verify=PLAIN) as client:
        answer = (await client.get(f"{rpc_url}/commit", params={"height": height})).json()
    for signature in answer["result"]["signed_header"]["commit"]["signatures"]:
        if signature["validator_address"] == address:
            flag: int = signature["block_id_flag"]
            return flag
    return None


async def newest_height(rpc_url: str) -> int:
    """The newest block's height."""
    async with httpx.AsyncClient(verify=PLAIN) as client:
        status = (await client.get(f"{rpc_url}/status")).json()
    return int(status["result"]["sync_info"]["latest_block_height"])


async def signs_now(rpc_url: str, address: str, above: int = 0) -> bool:
    """Whether the validator's vote is in the newest whole commit, which is above `above`."""
    height = await newest_height(rpc_url) - 1
    return height > above and await vote_of(rpc_url, address, height) in VOTED


async def voted_since(rpc_url: str, address: str, mark: int, commits: int = 20) -> bool:
    """Whether one of the newest `commits` whole commits above height `mark` holds its vote.

    A small validator beside a strong one is often too late for a single commit.
    """
    newest = await newest_height(rpc_url) - 1
    for height in range(newest, max(mark, newest - commits), -1):
        if await vote_of(rpc_url, address, height) in VOTED:
            return True
    return False


async def missed_between(rpc_url: str, address: str, low: int, high: int) -> list[int]:
    """Heights in [low, high] without the validator's vote for the block."""
    return [
        height
        for height in range(low, high + 1)
        if await vote_of(rpc_url, address, height) not in VOTED
    ]
