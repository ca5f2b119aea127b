# SPDX-License-Identifier: Apache-2.0
"""`logs`: the last lines of a log, and each new one with `-f`; needs no running app."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from bridge.cli.parser import Chosen
from node_manager.errors import UnknownNode
from node_manager.runtime.logfiles import follow, tail


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("logs", help="show a log")
    parser.add_argument("node", nargs="?", help="the validator's id; the first without it")
    parser.add_argument("-f", "--follow", action="store_true", help="go on with each new line")
    parser.add_argument("-n", "--lines", type=int, default=100, help="how many of the last lines")
    parser.add_argument("--source", choices=("node", "signer", "app"), default="node")
    parser.set_defaults(run=run)


def run(chosen: Chosen) -> int:
    """Print the log."""
    path = _path(chosen)
    if chosen.follow:
        asyncio.run(_follow(path, chosen.lines))
    else:
        for line in tail(path, chosen.lines):
            print(line)
    return 0


def _path(chosen: Chosen) -> Path:
    if chosen.source == "app":
        return chosen.layout.logs / "app.log"
    ids = sorted(file.parent.name for file in chosen.layout.nodes.glob("*/node.json"))
    node_id = chosen.node or (ids[0] if ids else "")
    if node_id not in ids:
        raise UnknownNode(node_id=node_id)
    return chosen.layout.node(node_id).logs / f"{chosen.source}.log"


async def _follow(path: Path, lines: int) -> None:
    async for line in follow(path, lines=lines):
        print(line, flush=True)
