# SPDX-License-Identifier: Apache-2.0
"""The window's client on the real engine: a distributed validator is made, kept, taken up again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.engine import EngineOptions
from desktop.engine.link import EngineLink
from node_manager.history.recorder import Span
from node_manager.keys.protection import Passphrase
from node_manager.keys.secret import SecretBytes
from node_manager.layout import Layout
from node_manager.obol.errors import NoBackup
from node_manager.obol.manager import DvPlan
from node_manager.obol.settings import read_settings
from node_manager.obol.status import DvStage
from tests.helpers.dv_samples import ADDRESSES
from tests.helpers.wizard import PASSPHRASE

WAIT = 30


@pytest.fixture
def opened(layout: Layout) -> Callable[[], EngineLink]:
    def make() -> EngineLink:
        link = EngineLink(layout, EngineOptions(layout, doors=False))
        link.open(lambda _event: None).result(WAIT)
        return link

    return make


def plan(backup: Path | None) -> DvPlan:
    settings = read_settings(
        {
            "charon": {
                "operatorAddress": ADDRESSES[0],
                "program": sys.executable,
                "dkgSidecar": {"apiEndpoint": "http://127.0.0.1:9"},
            }
        }
    )
    secret = Passphrase(PASSPHRASE) if backup is not None else None
    return DvPlan("Harbour 4", settings, backup=backup, backup_passphrase=secret)


def test_it_is_made_backed_up_and_there_again_after_the_next_start(
    opened: Callable[[], EngineLink], tmp_path: Path
) -> None:
    link = opened()
    try:
        cluster_id = link.dv_create(plan(tmp_path / "enr.ocvbackup")).result(WAIT)
        [made] = link.dv_statuses().result(WAIT)
        assert made.enr.startswith("enr:-")
        assert made.enr_backup_at is not None
        proof = link.dv_prove_backup(
            cluster_id, tmp_path / "enr.ocvbackup", SecretBytes(bytearray(PASSPHRASE.encode()))
        )
        proof.result(WAIT)
        assert link.dv_history(cluster_id, Span.HOUR).result(WAIT).times == ()
        link.dv_stop(cluster_id).result(WAIT)
    finally:
        link.quit(stop_nodes=True).result(WAIT)
    again = opened()
    try:
        [found] = again.dv_statuses().result(WAIT)
        assert (found.enr, found.stage) == (made.enr, DvStage.STOPPED)
        again.dv_remove(cluster_id, lose_keys=False).result(WAIT)
        assert list(again.dv_statuses().result(WAIT)) == []
    finally:
        again.quit(stop_nodes=True).result(WAIT)


def test_the_only_copy_of_a_key_is_not_removed(opened: Callable[[], EngineLink]) -> None:
    link = opened()
    try:
        cluster_id = link.dv_create(plan(None)).result(WAIT)
        link.dv_stop(cluster_id).result(WAIT)
        with pytest.raises(NoBackup):
            link.dv_remove(cluster_id, lose_keys=False).result(WAIT)
    finally:
        link.quit(stop_nodes=True).result(WAIT)


def test_an_app_without_a_cluster_loads_nothing_for_one(layout: Layout) -> None:
    program = f"""
import sys
from pathlib import Path
from bridge.engine import EngineOptions
from desktop.engine.link import EngineLink
from node_manager.layout import Layout
layout = Layout(Path({str(layout.data)!r}), Path({str(layout.data)!r}))
link = EngineLink(layout, EngineOptions(layout, doors=False))
link.open(lambda event: None).result(20)
assert list(link.dv_statuses().result(20)) == []
link.quit(stop_nodes=False).result(20)
heavy = ("eth_account", "coincurve", "py_arkworks_bls12381", "node_manager.obol.manager")
print([name for name in heavy if name in sys.modules])
"""
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert told.stdout.strip() == "[]", told.stderr
