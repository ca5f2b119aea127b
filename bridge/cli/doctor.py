# SPDX-License-Identifier: Apache-2.0
"""`doctor`: every check with its result and its way out, without needing the app."""

from __future__ import annotations

import argparse
import asyncio
import json

import psutil

from bridge.cli.parser import Chosen
from node_manager import settings
from node_manager.awake import Keeping
from node_manager.checks.preflight import preflight
from node_manager.checks.result import CheckResult, CheckState
from node_manager.checks.sleep import check_sleep, read_sleep
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.node.examination import examination_plan
from node_manager.node.identity import Identity
from node_manager.node.record import NodeRecord, load_record
from node_manager.runtime.record import read_record

MARKS = {
    CheckState.OK: "ok",
    CheckState.WARN: "warn",
    CheckState.FAIL: "FAIL",
    CheckState.UNKNOWN: "unknown",
}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("doctor", help="check this computer and each validator")
    parser.add_argument("--network", default="localnet", help="when there is no validator yet")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(chosen: Chosen) -> int:
    """Print the findings; 1 when one of them fails."""
    layout = chosen.layout
    records = [load_record(file) for file in sorted(layout.nodes.glob("*/node.json"))]
    if not records:
        planned = NodeRecord(
            id="planned", network=chosen.network, chain_id="", moniker="", created_at=0
        )
        records = [planned]
    worst = 0
    told = {}
    for record in records:
        results = asyncio.run(_examine(layout, record))
        told[record.id] = [_as_dict(result) for result in results]
        if not chosen.json:
            print(f"{record.id} on {record.network}")
            for result in results:
                print(f"  {MARKS[result.state]:<8}{result.title}: {result.explanation}")
        if any(result.state is CheckState.FAIL for result in results):
            worst = 1
    if chosen.json:
        print(json.dumps(told, indent=2))
    return worst


async def _examine(layout: Layout, record: NodeRecord) -> list[CheckResult]:
    identity = Identity(layout, record, Catalogue(layout))
    contained = (identity.folder.run / "node-container.json").exists()
    own = _own_pids(layout, record)
    results = await preflight(examination_plan(identity, own, container_lives=contained))
    wanted = settings.load(layout.settings).window.keep_awake
    # Whether it holds sleep off just now only the running app knows.
    return [*results, check_sleep(await read_sleep(), Keeping(wanted, at_work=False))]


def _own_pids(layout: Layout, record: NodeRecord) -> set[int]:
    """The node's own process, whose ports do not count as taken."""
    found = read_record(layout.node(record.id).run / "node-process.json")
    alive = found is not None and found.pid is not None and psutil.pid_exists(found.pid)
    return {found.pid} if alive and found and found.pid else set()


def _as_dict(result: CheckResult) -> dict[str, str]:
    return {
        "id": result.id,
        "title": result.title,
        "state": result.state.value,
        "explanation": str(result.explanation),
    }
