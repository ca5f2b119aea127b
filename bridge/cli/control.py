# SPDX-License-Identifier: Apache-2.0
"""`start`, `stop`, `restart` and `quit`: acts on the running app, or on what it left running."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from bridge.cli.parser import Chosen
from bridge.engine import Engine, EngineOptions
from bridge.server.control_client import ControlClient
from bridge.server.errors import NotRunning


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
    engine = Engine(EngineOptions(chosen.layout, doors=False, start_nodes=False))
    await engine.open()
    try:
        for status in engine.manager.statuses():
            if chosen.node in {None, status.node_id}:
                await engine.manager.stop(status.node_id)
                print(f"{status.node_id}: stopped")
    finally:
        await engine.close(stop_nodes=False)
    return 0


def end(chosen: Chosen) -> int:
    """End the running app."""
    asyncio.run(_end(chosen))
    return 0


async def _end(chosen: Chosen) -> None:
    async with ControlClient(chosen.layout) as client:
        await client.quit("stop" if chosen.stop else "leave")
