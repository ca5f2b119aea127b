# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the engine behind the window: replays statuses, remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

from desktop.engine.client import KeyFacts, PeerRow
from node_manager.events import DoorChanged, Event, NodeChanged
from node_manager.explanation import OneClickError
from node_manager.history.recorder import Past
from node_manager.settings import Settings
from node_manager.state import NodeState, NodeStatus
from node_manager.updates.standing import Standing


def answered(value: Any = None) -> Future[Any]:
    """A future that is done."""
    future: Future[Any] = Future()
    if isinstance(value, BaseException):
        future.set_exception(value)
    else:
        future.set_result(value)
    return future


class FakeEngine:
    """Implements `EngineClient`; `failures` maps a call's name to the error it answers with."""

    def __init__(
        self,
        statuses: Sequence[NodeStatus] = (),
        doors: Sequence[DoorChanged] = (),
        profiles: Sequence[Any] = (),
        key: KeyFacts | None = None,
    ) -> None:
        self.known = {status.node_id: status for status in statuses}
        self.known_doors = list(doors)
        self.known_profiles = list(profiles)
        self.key = key
        self.lines: list[str] = []
        self.known_peers: list[PeerRow] = []
        self.headers: dict[Path, Any] = {}
        self.failures: dict[str, OneClickError] = {}
        self.asked: list[tuple[Any, ...]] = []
        self.checks: list[Any] = []
        self.usual = "keyring"
        self.bundle: Any = None
        self.past: Callable[[Any], Any] = lambda _span: None
        self.standing_alerts: list[Any] = []
        self.over_alerts: list[Any] = []
        self.sockets: Any = None
        self.refused: list[Any] = []
        self.docker: Any = None
        self.known_pairings: list[Any] = []
        self.blocked: list[str] = []
        self.known_updates = Standing("0.1.0")
        self.answer_to_check: Standing | None = None
        self.downloading: Future[Any] | None = None
        self.report_download: Callable[[Any], None] = lambda _progress: None
        self.at_login = False
        self.current_settings = Settings()
        self.quit_with: bool | None = None
        self.known_operating: Any = None
        self.draft: Any = None
        self.signed: Any = None
        self.included: Any = None
        self.clusters: dict[str, Any] = {}
        self.dv_past: Callable[[Any], Any] = lambda span: Past(span, 15)
        self.dv_settings_now: Any = None
        self._listener: Callable[[Event], None] = lambda _event: None

    def _answer(self, name: str, value: Any = None) -> Future[Any]:
        return answered(self.failures.get(name, value))

    def publish(self, event: Event) -> None:
        """Tell the window something, as the engine does: from another thread."""
        if isinstance(event, NodeChanged):
            self.known[event.status.node_id] = event.status
        elif (cluster := getattr(getattr(event, "status", None), "cluster_id", None)) is not None:
            self.clusters[cluster] = event.status  # type: ignore[attr-defined]
        thread = threading.Thread(target=self._listener, args=(event,))
        thread.start()
        thread.join()

    def change(self, node_id: str, **fields: Any) -> NodeStatus:
        """Publish a node's status with these fields changed."""
        status = replace(self.known[node_id], **fields)
        self.publish(NodeChanged(status))
        return status

    def open(self, listener: Callable[[Event], None]) -> Future[None]:
        self._listener = listener
        return self._answer("open")

    def profiles(self) -> Future[Any]:
        return self._answer("profiles", self.known_profiles)

    def statuses(self) -> Future[Any]:
        return self._answer("statuses", tuple(self.known.values()))

    def doors(self) -> Future[Any]:
        return self._answer("doors", self.known_doors)

    def import_profile(self, source: str) -> Future[Any]:
        self.asked.append(("import", source))
        return self._answer("import_profile", self.known_profiles[0])

    def create(self, plan: Any) -> Future[Any]:
        self.asked.append(("create", plan))
        return self._answer("create", plan.network)

    def start(self, node_id: str) -> Future[Any]:
        self.asked.append(("start", node_id))
        if "start" not in self.failures:
            self.change(node_id, state=NodeState.STARTING, reason=None)
        return self._answer("start")

    def stop(self, node_id: str) -> Future[Any]:
        self.asked.append(("stop", node_id))
        if "stop" not in self.failures:
            self.change(node_id, state=NodeState.STOPPED)
        return self._answer("stop")

    def use_file(self, node_id: str, file: Path) -> Future[Any]:
        self.asked.append(("use file", node_id, file))
        if "use_file" not in self.failures:
            self.change(node_id, state=NodeState.STARTING, reason=None)
        return self._answer("use_file")

    def restart(self, node_id: str) -> Future[Any]:
        self.asked.append(("restart", node_id))
        return self._answer("restart")

    def repair_record(self, node_id: str) -> Future[Any]:
        self.asked.append(("repair", node_id))
        return self._answer("repair_record", 4_182_920)

    def reset_chain_data(self, node_id: str, state_sync: bool) -> Future[Any]:
        self.asked.append(("reset", node_id, state_sync))
        return self._answer("reset_chain_data", 1_500_000_000)

    def remove(self, node_id: str, lose_key: bool) -> Future[Any]:
        self.asked.append(("remove", node_id, lose_key))
        return self._answer("remove")

    def unlock(self, node_id: str, passphrase: Any) -> Future[Any]:
        self.asked.append(("unlock", node_id, passphrase.reveal()))
        return self._answer("unlock")

    def usual_protection(self) -> Future[Any]:
        return self._answer("usual_protection", self.usual)

    def key_facts(self, node_id: str) -> Future[Any]:
        return self._answer("key_facts", self.key)

    def back_up(
        self, node_id: str, file: Path, passphrase: Any, key_passphrase: Any
    ) -> Future[Any]:
        self.asked.append(("back_up", node_id, file, passphrase.reveal()))
        return self._answer("back_up", self.key.proof if self.key else None)

    def verify_backup(self, node_id: str, file: Path, passphrase: Any) -> Future[Any]:
        self.asked.append(("verify", node_id, file, passphrase.reveal()))
        return self._answer("verify_backup", self.key.proof if self.key else None)

    def read_backup(self, file: Path) -> Future[Any]:
        return self._answer("read_backup", self.headers.get(file))

    def sheet(self, file: Path) -> Future[Any]:
        return self._answer("sheet", f"<html>{file.name}</html>")

    def change_protection(self, node_id: str, protection: str, old: Any, new: Any) -> Future[Any]:
        self.asked.append(
            ("protect", node_id, protection, old and old.reveal(), new and new.reveal())
        )
        return self._answer("change_protection")

    def settings(self) -> Future[Any]:
        return self._answer("settings", self.current_settings)

    def change_settings(self, changed: Settings) -> Future[Any]:
        self.asked.append(("settings", changed))
        if "change_settings" not in self.failures:
            self.current_settings = changed
        return self._answer("change_settings")

    def ensure_running(self, chosen: Any) -> Future[Any]:
        self.asked.append(("ensure", chosen))
        return self._answer("ensure_running")

    def peers(self, node_id: str) -> Future[Any]:
        return self._answer("peers", self.known_peers)

    def log_tail(self, node_id: str, source: str, lines: int) -> Future[Any]:
        return self._answer("log_tail", self.lines[-lines:])

    def check(self) -> Future[Any]:
        return self._answer("check", self.checks)

    def examine(self, node_id: str) -> Future[Any]:
        self.asked.append(("examine", node_id))
        return self._answer("examine", self.checks)

    def mend(self, node_id: str, mend: Any) -> Future[Any]:
        self.asked.append(("mend", node_id, mend))
        return self._answer("mend")

    def support_bundle(self) -> Future[Any]:
        return self._answer("support_bundle", self.bundle)

    def history(self, node_id: str, span: Any) -> Future[Any]:
        self.asked.append(("history", node_id, span))
        return self._answer("history", self.past(span))

    def alerts(self) -> Future[Any]:
        return self._answer("alerts", self.standing_alerts)

    def past_alerts(self) -> Future[Any]:
        return self._answer("past_alerts", self.over_alerts)

    def listening(self, node_id: str) -> Future[Any]:
        return self._answer("listening", self.sockets)

    def container_engine(self) -> Future[Any]:
        return self._answer("container_engine", self.docker)

    def refusals(self, node_id: str) -> Future[Any]:
        return self._answer("refusals", self.refused)

    def lock(self, node_id: str) -> Future[Any]:
        self.asked.append(("lock", node_id))
        return self._answer("lock")

    def try_webhook(self) -> Future[Any]:
        self.asked.append(("try webhook",))
        return self._answer("try_webhook")

    def pairings(self) -> Future[Any]:
        return self._answer("pairings", list(self.known_pairings))

    def decide_pairing(self, request_id: str, decision: str) -> Future[Any]:
        self.asked.append(("decide", request_id, decision))
        return self._answer("decide_pairing")

    def blocked_sites(self) -> Future[Any]:
        return self._answer("blocked_sites", list(self.blocked))

    def let_site_ask(self, origin: str) -> Future[Any]:
        self.asked.append(("let ask", origin))
        self.blocked = [one for one in self.blocked if one != origin]
        return self._answer("let_site_ask")

    def revoke_pairing(self, pairing_id: str) -> Future[Any]:
        self.asked.append(("revoke", pairing_id))
        self.known_pairings = [one for one in self.known_pairings if one.id != pairing_id]
        return self._answer("revoke_pairing")

    def updates(self) -> Future[Any]:
        return self._answer("updates", self.known_updates)

    def check_updates(self) -> Future[Any]:
        self.asked.append(("check updates",))
        self.known_updates = self.answer_to_check or self.known_updates
        return self._answer("check_updates", self.known_updates)

    def download_update(self, report: Callable[[Any], None]) -> Future[Any]:
        """Under way until a test ends `downloading`."""
        self.asked.append(("download update",))
        self.report_download = report
        if "download_update" in self.failures:
            return self._answer("download_update")
        self.downloading = Future()
        return self.downloading

    def starts_at_login(self) -> Future[Any]:
        return self._answer("starts_at_login", self.at_login)

    def set_start_at_login(self, wanted: bool) -> Future[Any]:
        self.asked.append(("login", wanted))
        if "set_start_at_login" not in self.failures:
            self.at_login = wanted
        return self._answer("set_start_at_login")

    def move_data(self, target: Path, report: Any) -> Future[Any]:
        self.asked.append(("move", target))
        return self._answer("move_data")

    def operating(self, node_id: str, wallet: str) -> Future[Any]:
        self.asked.append(("operating", node_id, wallet))
        return self._answer("operating", self.known_operating)

    def make_transaction(self, node_id: str, wallet: str, wish: Any) -> Future[Any]:
        self.asked.append(("make", node_id, wallet, wish))
        return self._answer("make_transaction", self.draft)

    def save_unsigned(self, draft: Any, file: Path) -> Future[Any]:
        self.asked.append(("save", file))
        return self._answer("save_unsigned")

    def read_signed(self, file: Path) -> Future[Any]:
        self.asked.append(("read signed", file))
        return self._answer("read_signed", self.signed)

    def send_signed(self, node_id: str, signed: Any, sent: Callable[[str], None]) -> Future[Any]:
        self.asked.append(("send", node_id, signed))
        sent("AB" * 32)
        return self._answer("send_signed", self.included)

    def act_locally(self, node_id: str, wish: Any, sent: Callable[[str], None]) -> Future[Any]:
        self.asked.append(("act", node_id, wish))
        sent("AB" * 32)
        return self._answer("act_locally", self.included)

    def dv_statuses(self) -> Future[Any]:
        return self._answer("dv_statuses", tuple(self.clusters.values()))

    def dv_create(self, plan: Any) -> Future[Any]:
        self.asked.append(("dv create", plan))
        return self._answer("dv_create", "cluster")

    def dv_start(self, cluster_id: str) -> Future[Any]:
        self.asked.append(("dv start", cluster_id))
        return self._answer("dv_start")

    def dv_stop(self, cluster_id: str) -> Future[Any]:
        self.asked.append(("dv stop", cluster_id))
        return self._answer("dv_stop")

    def dv_remove(self, cluster_id: str, lose_keys: bool) -> Future[Any]:
        self.asked.append(("dv remove", cluster_id, lose_keys))
        return self._answer("dv_remove")

    def dv_ask_now(self, cluster_id: str) -> Future[Any]:
        self.asked.append(("dv ask", cluster_id))
        return self._answer("dv_ask_now")

    def dv_confirm(self, cluster_id: str, definition_hash: str) -> Future[Any]:
        self.asked.append(("dv confirm", cluster_id, definition_hash))
        return self._answer("dv_confirm")

    def dv_settings(self, cluster_id: str) -> Future[Any]:
        return self._answer("dv_settings", self.dv_settings_now)

    def dv_change_settings(self, cluster_id: str, settings: Any) -> Future[Any]:
        self.asked.append(("dv change settings", cluster_id, settings))
        return self._answer("dv_change_settings")

    def dv_use_definition(self, cluster_id: str, file: Path) -> Future[Any]:
        self.asked.append(("dv use definition", cluster_id, file))
        return self._answer("dv_use_definition")

    def dv_drop_definition(self, cluster_id: str) -> Future[Any]:
        self.asked.append(("dv drop definition", cluster_id))
        return self._answer("dv_drop_definition")

    def dv_examine(self, cluster_id: str) -> Future[Any]:
        self.asked.append(("dv examine", cluster_id))
        return self._answer("dv_examine", self.checks)

    def dv_mend(self, cluster_id: str, mend: Any) -> Future[Any]:
        self.asked.append(("dv mend", cluster_id, mend))
        return self._answer("dv_mend")

    def dv_history(self, cluster_id: str, span: Any) -> Future[Any]:
        self.asked.append(("dv history", cluster_id, span))
        return self._answer("dv_history", self.dv_past(span))

    def dv_back_up(
        self, cluster_id: str, file: Path, passphrase: Any, everything: bool
    ) -> Future[Any]:
        self.asked.append(("dv back up", cluster_id, file, passphrase.reveal(), everything))
        return self._answer("dv_back_up")

    def dv_prove_backup(self, cluster_id: str, file: Path, passphrase: Any) -> Future[Any]:
        self.asked.append(("dv prove", cluster_id, file, passphrase.reveal()))
        return self._answer("dv_prove_backup")

    def quit(self, stop_nodes: bool) -> Future[Any]:
        self.quit_with = stop_nodes
        return self._answer("quit")
