# SPDX-License-Identifier: Apache-2.0
"""`dv`: distributed validators, from the ENR to attesting. Each command does one stretch."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from bridge.cli.doctor import MARKS
from bridge.cli.dv_confirm import Gate, NotConfirmed
from bridge.cli.dv_words import Narrator, lines
from bridge.cli.parser import Chosen
from bridge.cli.passphrase import obtain
from node_manager.checks.result import CheckState
from node_manager.events import Broadcast
from node_manager.keys.protection import Passphrase
from node_manager.obol.cluster.documents import read_content
from node_manager.obol.errors import ClusterNotNamed, SettingRefused
from node_manager.obol.examination import examine_cluster
from node_manager.obol.folder import clusters
from node_manager.obol.keys.restoring import DvRestore
from node_manager.obol.manager import DvManager, DvPlan
from node_manager.obol.node import DvNode
from node_manager.obol.settings import DvSettings, read_settings, read_settings_file
from node_manager.obol.standing import read_standing
from node_manager.obol.status import DvStage

Act = Callable[[Chosen, DvManager], Coroutine[Any, Any, int]]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command with its acts."""
    parser = commands.add_parser("dv", help="distributed validators (Obol)")
    acts = parser.add_subparsers(title="acts", metavar="ACT", required=True)
    enr = _act(acts, "enr", make_enr, "make this node's identity, or show it")
    enr.add_argument("--settings", type=Path, help="JSON or TOML file of settings")
    enr.add_argument("--operator-address", help="the operator's Ethereum address (0x…)")
    enr.add_argument("--network", choices=("mainnet", "sepolia", "hoodi"), help="hoodi without it")
    enr.add_argument("--name", default="Distributed validator", help="what you call it")
    enr.add_argument("--key", type=Path, help="an existing ENR key to take over")
    enr.add_argument("--backup", type=Path, help="where the key's encrypted backup goes")
    enr.add_argument("--restore", type=Path, help="a backup: of the key, or of every file")
    enr.add_argument(
        "--alone",
        action="store_true",
        help="you vouch that no other computer runs the restored node, now or later",
    )
    wait = _act(acts, "wait", wait_for_cluster, "wait until every operator has signed")
    wait.add_argument("--once", action="store_true", help="ask once and say what is missing")
    dkg = _act(acts, "dkg", hold_ceremony, "wait for the cluster and make the keys together")
    dkg.add_argument("--definition-file", type=Path, help="a cluster definition of your own")
    keep = _act(acts, "run", run_cluster, "go all the way and keep charon and its client running")
    for one in (dkg, keep):
        one.add_argument(
            "--confirm",
            metavar="HASH",
            default="",
            help="definition hash whose addresses you have compared: its keys may be made",
        )
    status = _act(acts, "status", show_status, "how each stands, also while another runs it")
    status.add_argument("--json", action="store_true", help="all of it as JSON")
    _act(acts, "doctor", examine, "every check of one with its result and what to do")
    backup = _act(acts, "backup", back_up, "back up the ENR key, or with --all every file")
    backup.add_argument("file", type=Path, help="where it goes, or with --verify: where it is")
    backup.add_argument("--all", action="store_true", help="key shares and lock too")
    backup.add_argument("--verify", action="store_true", help="only open a backup of the key")
    for one in (enr, backup):
        one.add_argument("--passphrase-file", type=Path, help="private file with the passphrase")


def _act(
    acts: argparse._SubParsersAction[argparse.ArgumentParser], name: str, act: Act, words: str
) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=words)
    parser.add_argument("--cluster", help="the validator's id; the only one without it")
    parser.set_defaults(run=run, act=act, tells=name in {"wait", "dkg", "run"})
    return parser


def run(chosen: Chosen) -> int:
    """Run the act on this computer's distributed validators."""
    return asyncio.run(_run(chosen))


async def _run(chosen: Chosen) -> int:
    broadcast = Broadcast()
    manager = DvManager(chosen.layout, broadcast)
    await manager.open(start_wanted=False)
    if chosen.tells:
        broadcast.subscribe(Narrator(lambda words: print(words, flush=True)))
    try:
        code: int = await chosen.act(chosen, manager)
    finally:
        await manager.close(stop_nodes=False)
    return code


async def make_enr(chosen: Chosen, manager: DvManager) -> int:
    """Make one with its ENR, or print the ENR of one that is there."""
    if chosen.cluster or (not chosen.operator_address and not chosen.settings):
        node = _one(chosen, manager)
    else:
        plan = DvPlan(
            chosen.name,
            _settings(chosen),
            key_source=chosen.key,
            backup=chosen.backup,
            backup_passphrase=_passphrase(chosen) if chosen.backup else None,
            restore=_restore(chosen),
        )
        node = manager.node(await manager.create(plan))
        if chosen.restore:
            print(f"Restored from {chosen.restore}.")
        elif chosen.backup:
            print(f"The key is backed up to {chosen.backup}, proved by opening it.")
        else:
            print(f"Now: oneclick-validator dv backup --cluster {node.record.id} FILE")
        for step in node.status.launchpad:
            print(f"- {step}")
    print(node.record.enr)
    return 0


async def wait_for_cluster(chosen: Chosen, manager: DvManager) -> int:
    """Wait for the definition; it is checked and kept, and no key is made yet."""
    node = _one(chosen, manager)
    if chosen.once:
        asked = await node.ask_once()
        for line in lines(node.status):
            print(line)
        return 0 if asked else 1
    await node.start(until=DvStage.DKG)
    code = await _follow(node)
    return 0 if node.folder.definition.exists() else code


async def hold_ceremony(chosen: Chosen, manager: DvManager) -> int:
    """Go on to the cluster's lock."""
    node = _one(chosen, manager)
    if chosen.definition_file:
        await node.give_definition(await asyncio.to_thread(read_content, chosen.definition_file))
    await node.start(until=DvStage.STARTING)
    return await _follow(node, Gate(node, chosen.confirm))


async def run_cluster(chosen: Chosen, manager: DvManager) -> int:
    """Go all the way and stay; Ctrl-C stops it in order."""
    node = _one(chosen, manager)
    await node.start()
    code = await _follow(node, Gate(node, chosen.confirm))
    return 0 if code == 130 else code


async def show_status(chosen: Chosen, manager: DvManager) -> int:
    """Print what disk, processes and charon's monitoring port tell."""
    nodes = [_one(chosen, manager)] if chosen.cluster else list(manager.nodes())
    told = [await read_standing(node.folder, node.record, node.status) for node in nodes]
    if chosen.json:
        print(json.dumps([one.as_json() for one in told], indent=2))
        return 0
    if not told:
        print("No distributed validator yet. `oneclick-validator dv enr` makes one.")
    for one in told:
        for line in lines(one.status, one.pids):
            print(line)
    return 0


async def examine(chosen: Chosen, manager: DvManager) -> int:
    """Print the doctor's findings; 1 when one of them fails."""
    node = _one(chosen, manager)
    standing = await read_standing(node.folder, node.record, node.status)
    found = await examine_cluster(
        node.folder, node.record, standing.status, set(standing.pids.values())
    )
    for result in found:
        print(f"{MARKS[result.state]:<8}{result.title}: {result.explanation}")
    return 1 if any(result.state is CheckState.FAIL for result in found) else 0


async def back_up(chosen: Chosen, manager: DvManager) -> int:
    """Write a backup and prove it, or prove one that is there."""
    node = _one(chosen, manager)
    with _passphrase(chosen) as passphrase:
        if chosen.verify:
            await node.prove_key_backup(chosen.file, passphrase)
            print("This backup opens and holds this node's ENR key.")
            return 0
        if chosen.all:
            await node.back_up_files(chosen.file, passphrase)
        else:
            await node.back_up_key(chosen.file, passphrase)
    print(f"Backed up to {chosen.file} and proved by opening it. Keep it apart from this computer.")
    return 0


async def _follow(node: DvNode, gate: Gate | None = None) -> int:
    """Stay until it is done (0), failed or waits for a person (1), or a signal came (130)."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for name in ("SIGINT", "SIGTERM"):
        with suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(getattr(signal, name), ended.set)
    stuck = {DvStage.FAILED, DvStage.BACKUP}
    refused = False
    try:
        while node.under_way and node.status.stage not in stuck and not ended.is_set():
            if gate is not None and node.status.stage is DvStage.CONFIRM:
                await gate.ask(ended)
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), 0.1)
    except NotConfirmed as error:
        print(error)
        refused = True
    stuck_there = refused or node.status.stage in stuck
    await node.close(stop=True)
    return 130 if ended.is_set() else 1 if stuck_there else 0


def _one(chosen: Chosen, manager: DvManager) -> DvNode:
    ids = sorted(file.parent.name for file in clusters(chosen.layout).glob("*/cluster.json"))
    named = chosen.cluster or (ids[0] if len(ids) == 1 else "")
    if not named:
        raise ClusterNotNamed(
            found=f"There are {len(ids)} distributed validators on this computer."
            if ids
            else "There is no distributed validator on this computer yet.",
            way=f"Name it with --cluster: {', '.join(ids)}."
            if ids
            else "Make one: oneclick-validator dv enr --operator-address 0x…",
        )
    return manager.node(named)


def _settings(chosen: Chosen) -> DvSettings:
    content = read_settings_file(chosen.settings) if chosen.settings else {}
    charon = content.get("charon") or {}
    if not isinstance(charon, dict):
        raise SettingRefused(name="charon", given=repr(charon)[:80], reason="It holds no settings.")
    charon = dict(charon)
    if chosen.operator_address:
        charon["operatorAddress"] = chosen.operator_address
    if not charon.get("operatorAddress"):
        raise SettingRefused(
            name="charon.operatorAddress", given="missing", reason="It is needed to find invites."
        )
    network = {"network": chosen.network} if chosen.network else {}
    return read_settings({**content, **network, "charon": charon})


def _restore(chosen: Chosen) -> DvRestore | None:
    if not chosen.restore:
        return None
    return DvRestore(chosen.restore, _passphrase(chosen), alone=chosen.alone)


def _passphrase(chosen: Chosen) -> Passphrase:
    return Passphrase(obtain(chosen.passphrase_file, "A passphrase for the backup"))
