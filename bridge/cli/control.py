# SPDX-License-Identifier: Apache-2.0
"""`start`, `stop`, `restart` and `quit`: acts on the running app, or on what it left running."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from bridge.cli.parser import Chosen
from bridge.server.control_client import ControlClient
from bridge.server.errors import NotRunning
from node_manager.errors import UnknownNode


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    acts = {
        "start": "start the validators",
        "stop": "stop the validators: node first, then signer. Blocks are missed meanwhile",
        "restart": "stop and start the nodes; the signers stay",
    }
    for name, words in acts.items():
        parser = commands.add_parser(name, help=words)
        parser.add_argument("node", nargs="?", help="one validator's id; all without it")
        parser.set_defaults(run=run, act=name)
    parser = commands.add_parser(
        "reset-chain-data",
        help="remove a stopped node's chain data; key and signing record stay",
    )
    parser.add_argument("node", nargs="?", help="the validator's id; the only one without it")
    parser.add_argument("--state-sync", action="store_true", help="begin with a snapshot then")
    parser.add_argument("--yes", action="store_true", help="confirms that the data are removed")
    parser.set_defaults(run=reset)
    parser = commands.add_parser("quit", help="end the app and leave the validators running")
    parser.add_argument("--stop", action="store_true", help="stop the validators too")
    parser.set_defaults(run=end)


def run(chosen: Chosen) -> int:
    """Act on the named validator or on all."""
    return asyncio.run(_act(chosen))


async def _act(chosen: Chosen) -> int:
    try:
        async with ControlClient(chosen.layout) as client:
            for node_id in await _wanted(client, chosen.node):
                done = await getattr(client, chosen.act)(node_id)
                print(f"{done.id}: {done.state}")
    except NotRunning:
        if chosen.act != "stop":
            raise
        return await _stop_without_app(chosen)
    return 0


async def _wanted(client: ControlClient, named: str | None) -> Sequence[str]:
    return [named] if named else [node.id for node in await client.statuses()]


async def _stop_without_app(chosen: Chosen) -> int:
    """Stop what an app left running that is no longer there."""
    from bridge.engine import Engine, EngineOptions  # only for this: it imports all of the app

    engine = Engine(EngineOptions(chosen.layout, doors=False, start_nodes=False))
    await engine.open()
    try:
        for node in engine.manager.nodes():
            if chosen.node in {None, node.status.node_id}:
                await node.stop()
                print(f"{node.status.node_id}: stopped")
    finally:
        await engine.close(stop_nodes=False)
    return 0


def reset(chosen: Chosen) -> int:
    """Remove the chain data of one stopped validator."""
    if not chosen.yes:
        print("The node reads the whole chain anew then. Confirm with --yes.", file=sys.stderr)
        return 2
    asyncio.run(_reset(chosen))
    return 0


async def _reset(chosen: Chosen) -> None:
    async with ControlClient(chosen.layout) as client:
        nodes = await _wanted(client, chosen.node)
        if len(nodes) != 1:
            raise UnknownNode(node_id=chosen.node or "unnamed")
        done = await client.reset_chain_data(nodes[0], state_sync=chosen.state_sync)
        print(f"{done.id}: {done.freed / 1e6:,.1f} MB removed. Key and signing record stay.")


def end(chosen: Chosen) -> int:
    """End the running app."""
    asyncio.run(_end(chosen))
    return 0


async def _end(chosen: Chosen) -> None:
    async with ControlClient(chosen.layout) as client:
        await client.quit("stop" if chosen.stop else "leave")
