# SPDX-License-Identifier: Apache-2.0
"""The engine's thread as the window's `EngineClient`. Imported after the first picture."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from bridge import computer
from bridge.cli.parser import Chosen
from bridge.engine import Engine, EngineOptions
from bridge.engine_thread import EngineThread
from bridge.server.pairing import Decision
from bridge.server.pairing_store import Pairing
from desktop.engine.care_link import CareLink
from desktop.engine.chain_link import ChainLink
from desktop.engine.client import PeerRow
from desktop.engine.update_link import UpdateLink
from desktop.keys.link import KeyLink
from desktop.obol.link import DvLink
from node_manager import applog
from node_manager.alerts.alert import Alert
from node_manager.checks.computer import close_folder
from node_manager.checks.result import CheckResult, Mend, gravest_first
from node_manager.checks.support_bundle import SupportBundle, make_bundle
from node_manager.cosmos.rpc import Rpc
from node_manager.events import DoorChanged, Event
from node_manager.history.recorder import Past, Span
from node_manager.layout import Layout
from node_manager.moving import MoveProgress
from node_manager.networks.importing import import_profile
from node_manager.networks.profile import Profile
from node_manager.node.plan import NodePlan
from node_manager.runtime.logfiles import tail
from node_manager.settings import Settings
from node_manager.state import NodeStatus


class EngineLink(CareLink, ChainLink, KeyLink, DvLink, UpdateLink):
    """Each call runs as a coroutine on the engine's loop and comes back as a future."""

    def __init__(self, layout: Layout, options: EngineOptions | None = None) -> None:
        self._layout = layout
        self._thread = EngineThread(options or EngineOptions(layout))
        self._doors: dict[str, DoorChanged] = {}

    def open(self, listener: Callable[[Event], None]) -> Future[None]:
        """Start the engine; the states of doors are kept for who asks later."""
        applog.configure(self._layout.logs / "app.log")

        def hear(event: Event) -> None:
            if isinstance(event, DoorChanged):
                self._doors[event.door] = event
            listener(event)

        return self._thread.start(hear)

    def profiles(self) -> Future[Sequence[Profile]]:
        """The networks to choose from."""

        async def act(engine: Engine) -> Sequence[Profile]:
            return await asyncio.to_thread(engine.manager.catalogue.profiles)

        return self._thread.call(act)

    def statuses(self) -> Future[Sequence[NodeStatus]]:
        """All validators of this computer."""

        async def act(engine: Engine) -> Sequence[NodeStatus]:
            return engine.manager.statuses()

        return self._thread.call(act)

    def doors(self) -> Future[Sequence[DoorChanged]]:
        """The last known state of each door."""

        async def act(_engine: Engine) -> Sequence[DoorChanged]:
            return list(self._doors.values())

        return self._thread.call(act)

    def import_profile(self, source: str) -> Future[Profile]:
        """Add a network."""

        async def act(_engine: Engine) -> Profile:
            return await import_profile(source, self._layout)

        return self._thread.call(act)

    def create(self, plan: NodePlan) -> Future[str]:
        """Make a validator and begin its first start."""

        async def act(engine: Engine) -> str:
            node_id = await engine.manager.create(plan)
            await engine.manager.start(node_id)
            return node_id

        return self._thread.call(act)

    def make(self, plan: NodePlan) -> Future[str]:
        """Make a validator without starting it."""
        return self._thread.call(lambda engine: engine.manager.create(plan))

    def start(self, node_id: str) -> Future[None]:
        """Start, or try again."""
        return self._thread.call(lambda engine: engine.manager.start(node_id))

    def stop(self, node_id: str) -> Future[None]:
        """Stop in order."""
        return self._thread.call(lambda engine: engine.manager.stop(node_id))

    def use_file(self, node_id: str, file: Path) -> Future[None]:
        """Take a file in place of the download, and start."""
        return self._thread.call(lambda engine: engine.manager.use_file(node_id, file))

    def restart(self, node_id: str) -> Future[None]:
        """Stop and start."""
        return self._thread.call(lambda engine: engine.manager.restart(node_id))

    def remove(self, node_id: str, lose_key: bool) -> Future[None]:
        """Forget a stopped node and delete its folder."""
        return self._thread.call(lambda engine: engine.manager.remove(node_id, lose_key=lose_key))

    def repair_record(self, node_id: str) -> Future[int]:
        """Raise a damaged signing record and start."""

        async def act(engine: Engine) -> int:
            above = await engine.manager.repair_record(node_id, other_machines_are_off=True)
            await engine.manager.start(node_id)
            return above

        return self._thread.call(act)

    def reset_chain_data(self, node_id: str, state_sync: bool) -> Future[int]:
        """Remove a stopped node's chain data."""
        return self._thread.call(
            lambda engine: engine.manager.reset_chain_data(node_id, state_sync=state_sync)
        )

    def settings(self) -> Future[Settings]:
        """The settings in force."""

        async def act(engine: Engine) -> Settings:
            return engine.settings

        return self._thread.call(act)

    def change_settings(self, changed: Settings) -> Future[None]:
        """Store settings and let the engine follow them."""
        return self._thread.call(lambda engine: engine.change_settings(changed))

    def ensure_running(self, chosen: Chosen) -> Future[None]:
        """Make and start what the command line describes."""

        async def act(engine: Engine) -> None:
            from bridge.cli.up import ensure_running

            await ensure_running(engine, chosen)

        return self._thread.call(act)

    def log_tail(self, node_id: str, source: str, lines: int) -> Future[Sequence[str]]:
        """The last lines of a log."""

        async def act(engine: Engine) -> Sequence[str]:
            path = engine.manager.log_path(node_id, source)
            return await asyncio.to_thread(tail, path, lines)

        return self._thread.call(act)

    def peers(self, node_id: str) -> Future[Sequence[PeerRow]]:
        """The peers that the node is connected to."""

        async def act(engine: Engine) -> Sequence[PeerRow]:
            port = engine.manager.status(node_id).rpc_port
            async with Rpc(f"http://127.0.0.1:{port}") as rpc:
                told = await rpc.net_info()
            return [
                PeerRow(peer.node_info.moniker, peer.node_info.id, peer.remote_ip, peer.is_outbound)
                for peer in told.peers
            ]

        return self._thread.call(act)

    def check(self) -> Future[Sequence[Any]]:
        """Run the doctor."""

        async def act(engine: Engine) -> Sequence[Any]:
            nodes = engine.manager.nodes()
            results = await computer.examine_computer(engine) if nodes else []
            for node in nodes:
                results += await node.examine()
            return results

        return self._thread.call(act)

    def examine(self, node_id: str) -> Future[Sequence[CheckResult]]:
        """Run the doctor for one validator."""

        async def act(engine: Engine) -> Sequence[CheckResult]:
            results = await engine.manager.node(node_id).examine()
            engine.alerts.take_checks(node_id, results)
            return gravest_first([*results, *await computer.examine_computer(engine)])

        return self._thread.call(act)

    def mend(self, node_id: str, mend: Mend) -> Future[None]:
        """Do what a finding offers."""

        async def act(engine: Engine) -> None:
            node = engine.manager.node(node_id)
            match mend:
                case Mend.CLOSE_FOLDER:
                    await asyncio.to_thread(close_folder, node.home)
                case Mend.RESTART_NODE:
                    await engine.manager.restart(node_id)
                case Mend.PREPARE_AGAIN | Mend.INSTALL_PROGRAM:
                    await engine.manager.start(node_id)
                case Mend.CHANGE_PORTS:
                    await engine.manager.choose_free_ports(node_id)
                    await engine.manager.start(node_id)
                case _ if mend in computer.MENDS:
                    await computer.mend_computer(engine, mend)
                case _:
                    raise ValueError(f"not done here: {mend}")

        return self._thread.call(act)

    def support_bundle(self) -> Future[SupportBundle]:
        """Gather what helps others to help."""

        async def act(engine: Engine) -> SupportBundle:
            checks = {}
            around = await computer.examine_computer(engine)
            for node in engine.manager.nodes():
                checks[node.status.node_id] = [*await node.examine(), *around]
            statuses = engine.manager.statuses()
            return await asyncio.to_thread(make_bundle, self._layout, statuses, checks)

        return self._thread.call(act)

    def history(self, node_id: str, span: Span) -> Future[Past]:
        """The figures of the last hour, day or week."""
        return self._thread.call(lambda engine: engine.history.read(node_id, span))

    def alerts(self) -> Future[Sequence[Alert]]:
        """The alerts that stand now."""

        async def act(engine: Engine) -> Sequence[Alert]:
            return engine.alerts.active()

        return self._thread.call(act)

    def try_webhook(self) -> Future[None]:
        """Send a trial message."""
        return self._thread.call(lambda engine: engine.webhook.try_out())

    def pairings(self) -> Future[Sequence[Pairing]]:
        """The websites that are paired."""

        async def act(engine: Engine) -> Sequence[Pairing]:
            return engine.doors.bridge.pairings.all()

        return self._thread.call(act)

    def decide_pairing(self, request_id: str, decision: Decision) -> Future[None]:
        """Answer a website that asks."""

        async def act(engine: Engine) -> None:
            await engine.doors.bridge.pairings.answer(request_id, decision)

        return self._thread.call(act)

    def blocked_sites(self) -> Future[Sequence[str]]:
        """The origins of websites that may not ask any more."""

        async def act(engine: Engine) -> Sequence[str]:
            return engine.doors.bridge.pairings.blocked()

        return self._thread.call(act)

    def let_site_ask(self, origin: str) -> Future[None]:
        """Let a blocked website ask again."""

        async def act(engine: Engine) -> None:
            await engine.doors.bridge.pairings.let_ask(origin)

        return self._thread.call(act)

    def revoke_pairing(self, pairing_id: str) -> Future[None]:
        """End a pairing at once."""

        async def act(engine: Engine) -> None:
            engine.doors.bridge.pairings.revoke(pairing_id)

        return self._thread.call(act)

    def starts_at_login(self) -> Future[bool]:
        """Whether the session starts this very program."""

        return self._thread.call(lambda _engine: computer.starts_at_login())

    def set_start_at_login(self, wanted: bool) -> Future[None]:
        """Start with the session from now on, or no longer."""

        return self._thread.call(lambda _engine: computer.set_start_at_login(wanted))

    def move_data(self, target: Path, report: Callable[[MoveProgress], None]) -> Future[Layout]:
        """Stop everything and move the data folder."""
        return self._thread.call(lambda engine: engine.move_data(target, report))

    def quit(self, stop_nodes: bool) -> Future[None]:
        """End the engine."""
        return self._thread.close(stop_nodes=stop_nodes)
