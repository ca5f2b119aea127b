# SPDX-License-Identifier: Apache-2.0
"""Founding the chain: homes and keys of the genesis validators, the faucet, the genesis."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from pathlib import Path

from bridge.localnet.archive import sha256_of, write_checksum
from bridge.localnet.build import Build
from bridge.localnet.errors import LocalnetError
from bridge.localnet.genesis import ChainRules, apply_rules
from bridge.localnet.ports import PortChooser
from bridge.localnet.record import (
    CHAIN_ID,
    DENOM,
    FAUCET,
    MIN_GAS_PRICE,
    LocalnetFolder,
    NetworkRecord,
    Validator,
)
from node_manager.cosmos.home import HomePlan, NodePorts, Pruning, prepare_home
from node_manager.cosmos.program import Program
from node_manager.durable import make_private_folder, write_durably

STAKE = 1_000_000_000_000
"""Of each genesis validator: a million OMNI, so that a newcomer's stake cannot halt the chain."""

SPENDING = 1_000_000_000
FAUCET_FUNDS = 1_000_000_000_000_000
SNAPSHOT_INTERVAL = 20
SNAPSHOTS = 5
TEST_KEYRING = ("--keyring-backend", "test")


async def found(
    build: Build,
    folder: LocalnetFolder,
    validators: int,
    rules: ChainRules,
    ports: PortChooser,
    server_port: int,
) -> NetworkRecord:
    """Make a new chain of `validators` genesis validators; `network.json` comes last.

    Raises:
        ProgramFailed, OSError: what is half-made is removed by the next try.
    """
    program = Program(build.release("v1").binary)
    for path in (folder.validators, folder.wallet, folder.www, folder.profile):
        await asyncio.to_thread(shutil.rmtree, path, True)
    for path in (folder.root, folder.validators, folder.wallet, folder.www):
        make_private_folder(path)
    names = [f"validator-{number}" for number in range(validators)]
    addresses = {name: await _key(program, folder, name) for name in (FAUCET, *names)}
    await asyncio.gather(*(program.init(folder.home(name), name, CHAIN_ID) for name in names))
    members = tuple(
        [
            Validator(
                name=name,
                node_id=await program.node_id(folder.home(name)),
                address=addresses[name],
                ports=ports.validator(number),
            )
            for number, name in enumerate(names)
        ]
    )
    await _ceremony(program, folder, addresses, rules)
    record = NetworkRecord(
        created_at=time.time(),
        build=build.key,
        genesis_sha256=await asyncio.to_thread(sha256_of, folder.genesis),
        faucet=addresses[FAUCET],
        server_port=server_port,
        validators=members,
    )
    write_checksum(folder.genesis, record.genesis_sha256)
    record.write(folder.record)
    return record


async def configure(program: Program, folder: LocalnetFolder, record: NetworkRecord) -> None:
    """Bring the homes in line with the record: ports, peers, block time."""
    for validator in record.validators:
        others = tuple(each.peer for each in record.validators if each != validator)
        plan = HomePlan(
            chain_id=record.chain_id,
            moniker=validator.name,
            min_gas_price=f"{MIN_GAS_PRICE}{DENOM}",
            ports=NodePorts(
                p2p=validator.ports.p2p,
                rpc=validator.ports.rpc,
                rest=validator.ports.rest,
                grpc=validator.ports.grpc,
            ),
            persistent_peers=others,
            p2p_host="127.0.0.1",
            local_network=True,
            pruning=Pruning.SMALL,
            min_retain_blocks=0,  # newcomers sync from the first block on
            snapshot_interval=SNAPSHOT_INTERVAL,
            more_config={"consensus.timeout_commit": "1s"},
            more_app={"state-sync.snapshot-keep-recent": SNAPSHOTS},
        )
        await prepare_home(program, folder.home(validator.name), plan)


async def _key(program: Program, folder: LocalnetFolder, name: str) -> str:
    output = await program.call(
        *("keys", "add", name, *TEST_KEYRING, "--output", "json", "--home", str(folder.wallet))
    )
    address = json.loads(output.stdout).get("address")
    if not isinstance(address, str):
        raise LocalnetError(detail="keys add told no address")
    return address


async def _ceremony(
    program: Program, folder: LocalnetFolder, addresses: dict[str, str], rules: ChainRules
) -> None:
    names = [name for name in addresses if name != FAUCET]
    first = folder.home(names[0])
    for name, address in addresses.items():
        amount = FAUCET_FUNDS if name == FAUCET else STAKE + SPENDING
        await program.call(
            *("genesis", "add-genesis-account", address, f"{amount}{DENOM}", "--home", str(first))
        )
    genesis = first / "config" / "genesis.json"
    changed = apply_rules(genesis.read_text(encoding="utf-8"), rules)
    write_durably(genesis, changed)
    promises = make_private_folder(folder.root / "gentx")
    try:
        for name in names:
            home = folder.home(name)
            if home != first:
                shutil.copyfile(genesis, home / "config" / "genesis.json")
            await program.call(
                *("genesis", "gentx", name, f"{STAKE}{DENOM}", "--chain-id", CHAIN_ID),
                *(*TEST_KEYRING, "--keyring-dir", str(folder.wallet), "--home", str(home)),
                *("--moniker", name, "--ip", "127.0.0.1"),
                *("--output-document", str(promises / f"{name}.json")),
            )
        await program.call(
            *("genesis", "collect-gentxs", "--gentx-dir", str(promises), "--home", str(first))
        )
        await program.validate_genesis(first)
    finally:
        shutil.rmtree(promises, ignore_errors=True)
    _publish(genesis, folder, names)


def _publish(genesis: Path, folder: LocalnetFolder, names: list[str]) -> None:
    content = genesis.read_bytes()
    write_durably(folder.genesis, content)
    for name in names:
        write_durably(folder.home(name) / "config" / "genesis.json", content)
