# SPDX-License-Identifier: Apache-2.0
"""`up`: make a validator if there is none, start it and stay; the window does the same."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from pathlib import Path
from typing import Literal

from bridge.cli.narrate import Narrator
from bridge.cli.parser import Chosen
from bridge.cli.passphrase import obtain
from bridge.engine import Engine, EngineOptions
from node_manager import applog
from node_manager.keys.keystore import protection_of
from node_manager.layout import Layout
from node_manager.manager import check_moniker
from node_manager.node.node import Node
from node_manager.node.plan import BackupFile, CometFiles, NodePlan
from node_manager.node.record import Ports

LOCALNET = "localnet"
"""The profile of the local network."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("up", help="start the validator, in the window or headless")
    add_arguments(parser)
    parser.set_defaults(run=run, windowed=True, prepare=prepare)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that `up` and `demo` share."""
    parser.add_argument("--headless", action="store_true", help="without a window")
    parser.add_argument("--network", help="the network's profile, for the first start")
    parser.add_argument("--moniker", default="my-validator", help="the validator's public name")
    parser.add_argument(
        "--protection",
        choices=("keyring", "passphrase"),
        help="how the key is encrypted at rest (keyring where there is a safe one)",
    )
    parser.add_argument("--passphrase-file", type=Path, help="private file with the passphrase")
    parser.add_argument(
        "--answer",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="what the network's profile does not say, such as the program's checksum",
    )
    parser.add_argument(
        "--state-sync",
        action="store_true",
        help="begin with a snapshot of the network's state, where its profile offers that",
    )
    parser.add_argument("--wallet", default="", help="the account that operates the validator")
    parser.add_argument(
        "--ports",
        type=ports_of,
        metavar="P2P,RPC,REST,GRPC",
        help="other ports than the usual 26656,26657,1317,9090",
    )
    parser.add_argument(
        "--runtime",
        choices=("native", "docker"),
        help="how the node runs (native where the network has a program for this platform)",
    )
    parser.add_argument(
        "--program-file",
        type=Path,
        metavar="FILE",
        help="the published file of the node program, in place of its download; verified alike",
    )
    source = parser.add_argument_group("a validator that exists already")
    source.add_argument("--restore", type=Path, metavar="BACKUP", help="a backup of this app")
    source.add_argument(
        "--backup-passphrase-file", type=Path, help="private file with its passphrase"
    )
    source.add_argument("--import-key", type=Path, metavar="FILE", help="priv_validator_key.json")
    source.add_argument("--import-state", type=Path, metavar="FILE", help="its signing state")
    source.add_argument("--sign-from", type=int, metavar="HEIGHT", help="when the state is lost")
    source.add_argument(
        "--old-machine-is-off",
        action="store_true",
        help="confirms that the other validator with this key is off for good",
    )
    parser.add_argument(
        "--leave-running",
        action="store_true",
        help="at the end leave node and signer running; the next start takes them over",
    )


def ports_of(text: str) -> Ports:
    """The four ports of `--ports`.

    Raises:
        argparse.ArgumentTypeError: it does not name four different ports.
    """
    words = text.split(",")
    numbers = [int(word) for word in words if word.isdecimal() and 0 < int(word) < 65536]
    if len(words) != 4 or len(set(numbers)) != 4:
        raise argparse.ArgumentTypeError("four different ports from 1 to 65535, with commas")
    p2p, rpc, rest, grpc = numbers
    return Ports(p2p=p2p, rpc=rpc, rest=rest, grpc=grpc)


def prepare(chosen: Chosen) -> None:
    """Bring up the local network where a validator on it is asked for; the first time builds it."""
    if chosen.network == LOCALNET:
        bring_up_localnet(chosen.layout)


def bring_up_localnet(layout: Layout) -> None:
    """Start it where it does not run, and tell each step of that."""
    # Here, because a validator elsewhere needs none of it.
    from bridge.localnet.network import up

    asyncio.run(up(layout, on_progress=lambda line: print(line, flush=True)))


def run(chosen: Chosen) -> int:
    """Run headless until SIGINT, SIGTERM or `oneclick-validator quit`."""
    prepare(chosen)
    applog.configure(chosen.layout.logs / "app.log")
    return asyncio.run(stay(chosen))


async def stay(chosen: Chosen) -> int:
    """Open the engine, see that a validator runs, stay, close in order."""
    # What should run is started below, once its key is unlocked.
    engine = Engine(EngineOptions(chosen.layout, start_nodes=False))
    engine.broadcast.subscribe(Narrator(lambda line: print(line, flush=True)))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no loop signal handlers
            loop.add_signal_handler(number, engine.ask_to_end)
    engine.stop_nodes_at_end = not chosen.leave_running
    await engine.open()
    try:
        await ensure_running(engine, chosen)
        await engine.ended.wait()
    finally:
        print("Ending in order: node, signer, doors.", flush=True)
        await engine.close(stop_nodes=engine.stop_nodes_at_end)
    return 0


async def ensure_running(engine: Engine, chosen: Chosen) -> None:
    """Make the first validator where there is none, and start what should run."""
    if not engine.manager.statuses():
        plan = await plan_of(engine, chosen)
        await start(engine.manager.node(await engine.manager.create(plan)), chosen)
        return
    for node in engine.manager.nodes():
        await unlock_if_asked(engine, node.status.node_id, chosen.passphrase_file)
        await start(node, chosen)


async def start(node: Node, chosen: Chosen) -> None:
    """Start a node that does not run, with the program of a file where one is named."""
    if chosen.program_file is None or node.status.state.alive:
        await node.start()
    else:
        await node.use_file(chosen.program_file)


async def plan_of(engine: Engine, chosen: Chosen) -> NodePlan:
    """The plan that the command line describes; asks for a passphrase where one is needed."""
    network = chosen.network or LOCALNET
    check_moniker(chosen.moniker)
    engine.manager.catalogue.get(network)
    protection: Literal["keyring", "passphrase"]
    if chosen.protection is not None:
        protection = chosen.protection
    elif chosen.passphrase_file is not None:
        protection = "passphrase"
    else:
        protection = await asyncio.to_thread(protection_of)
    passphrase = None
    if protection == "passphrase":
        passphrase = await asyncio.to_thread(
            obtain, chosen.passphrase_file, "A passphrase for the new key"
        )
    return NodePlan(
        network=network,
        moniker=chosen.moniker,
        protection=protection,
        passphrase=passphrase,
        key_source=await asyncio.to_thread(key_source_of, chosen),
        answers=dict(answer.split("=", 1) for answer in chosen.answer),
        wallet_address=chosen.wallet,
        runtime=chosen.runtime,
        state_sync=chosen.state_sync,
        ports=chosen.ports,
    )


def key_source_of(chosen: Chosen) -> CometFiles | BackupFile | None:
    """Where the key comes from; None for a new one."""
    if chosen.restore is not None:
        secret = obtain(chosen.backup_passphrase_file, "Passphrase of the backup")
        return BackupFile(chosen.restore, secret, chosen.old_machine_is_off)
    if chosen.import_key is not None:
        return CometFiles(
            chosen.import_key, chosen.import_state, chosen.sign_from, chosen.old_machine_is_off
        )
    return None


async def unlock_if_asked(engine: Engine, node_id: str, file: Path | None) -> None:
    """Unlock a passphrase-protected key from the named file or the terminal."""
    if not engine.manager.node(node_id).needs_passphrase:
        return
    passphrase = await asyncio.to_thread(obtain, file, f"Passphrase of the key of {node_id}")
    await engine.manager.unlock(node_id, passphrase)
