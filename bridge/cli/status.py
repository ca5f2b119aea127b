# SPDX-License-Identifier: Apache-2.0
"""`status`: how each validator stands, in text or as JSON; also when the app does not run."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

import psutil

from bridge.cli.parser import Chosen
from bridge.server.control_client import ControlClient
from bridge.server.errors import NotRunning
from bridge.server.models import FigureBody, NodeBody
from node_manager.explanation import OneClickError
from node_manager.layout import Layout
from node_manager.node.record import NodeRecord, NodeRecordUnreadable, load_record
from node_manager.runtime.record import read_record


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("status", help="how each validator stands")
    parser.add_argument("--json", action="store_true", help="all figures as JSON")
    parser.set_defaults(run=run)


def run(chosen: Chosen) -> int:
    """Print the status; 0 when the app answers, 3 when it does not run."""
    try:
        nodes = asyncio.run(_ask(chosen.layout))
    except NotRunning:
        return _without_app(chosen)
    if chosen.json:
        told = [node.model_dump(mode="json", by_alias=True) for node in nodes]
        print(json.dumps({"running": True, "nodes": told}, indent=2))
        return 0
    if not nodes:
        print("No validator yet. `oneclick-validator up --network NAME` makes one.")
    for node in nodes:
        print("\n".join(lines(node)))
    return 0


async def _ask(layout: Layout) -> list[NodeBody]:
    async with ControlClient(layout) as client:
        return await client.statuses()


def lines(node: NodeBody) -> list[str]:
    """One validator in words."""
    state = node.state.value
    if node.reason:
        state += f". {node.reason.what} {node.reason.why} {node.reason.todo}"
    signer = node.signer.value
    signed = "unknown" if signer is None else "never" if signer.height is None else signer.height
    return [
        f"{node.moniker} ({node.id}) on {node.chain_id}",
        f"  state       {state}",
        f"  height      {_shown(node.height)}",
        f"  network     {_shown(node.network_height)}",
        f"  peers       {'unknown' if node.peers is None else node.peers}",
        f"  signed      {signed}",
        f"  key         {node.consensus_pubkey.key if node.consensus_pubkey else 'none'}",
        f"  backup      {'verified' if node.backup_verified_at else 'none yet'}",
    ]


def _shown(figure: FigureBody[int]) -> str:
    if figure.value is None:
        return f"unknown. {figure.unknown_why}".rstrip(". ")
    stale = ", stale" if figure.stale else ""
    return f"{figure.value:,} ({figure.source}, {figure.age or 0:.0f} s ago{stale})"


def _without_app(chosen: Chosen) -> int:
    """What the disk and the process list tell when no app answers."""
    told = []
    for file in sorted(chosen.layout.nodes.glob("*/node.json")):
        try:
            record = load_record(file)
        except NodeRecordUnreadable as error:
            print(error, file=sys.stderr)
            continue
        told.append((record, _living(chosen.layout, record), _container(chosen.layout, record)))
    if chosen.json:
        nodes = [
            {
                "id": record.id,
                "moniker": record.moniker,
                "chainId": record.chain_id,
                "pids": pids,
                "container": container,
            }
            for record, pids, container in told
        ]
        print(json.dumps({"running": False, "nodes": nodes}, indent=2))
        return 3
    print("The app does not run.")
    for record, pids, container in told:
        living = [f"{name} (process {pid})" for name, pid in pids.items()]
        alive = ", ".join([*([f"node (container {container})"] if container else []), *living])
        print(f"{record.moniker} ({record.id}) on {record.chain_id}: {alive or 'stopped'}")
    return 3


def _living(layout: Layout, record: NodeRecord) -> dict[str, int]:
    """Children that live on without the app, by name."""
    living = {}
    for child in ("node", "signer"):
        found = read_record(layout.node(record.id).run / f"{child}-process.json")
        if found is not None and found.pid is not None and psutil.pid_exists(found.pid):
            living[child] = found.pid
    return living


def _container(layout: Layout, record: NodeRecord) -> str | None:
    """How the node's container is, None for a native node or one without a container."""
    if record.runtime != "docker":
        return None
    # The node's own parts ask chains: they are not loaded for a computer without a container.
    from node_manager.networks.catalogue import Catalogue
    from node_manager.node.identity import Identity
    from node_manager.node.way import way_of

    identity = Identity(layout, record, Catalogue(layout))
    try:
        return "running" if asyncio.run(way_of(identity).lives()) else None
    except OneClickError as error:
        return f"unknown: {error.explanation.what}"
