# SPDX-License-Identifier: Apache-2.0
"""The window's client on the real engine, without its doors: keys are really made and opened."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from bridge.engine import EngineOptions
from desktop.engine.link import EngineLink
from node_manager.checks.result import CheckResult, CheckState, Mend
from node_manager.explanation import OneClickError
from node_manager.keys.errors import BackupPassphraseWrong
from node_manager.keys.secret import SecretBytes
from node_manager.layout import Layout
from node_manager.node.plan import NodePlan
from node_manager.settings import Settings

KEY, BACKUP = b"seven herons over a quiet harbour", b"four lanterns beside the old mill"


def secret(text: bytes) -> SecretBytes:
    return SecretBytes(bytearray(text))


def told(future: Future[Any]) -> Any:
    return future.result(60)


@pytest.fixture
def link(layout: Layout) -> Iterator[EngineLink]:
    made = EngineLink(layout, EngineOptions(layout, doors=False))
    told(made.open(lambda _event: None))
    yield made
    told(made.quit(stop_nodes=True))


@pytest.fixture
def node(link: EngineLink) -> str:
    plan = NodePlan("localnet", "my-validator", "passphrase", secret(KEY))
    return told(link.make(plan))


def test_the_networks_and_the_empty_computer_are_told(link: EngineLink) -> None:
    assert "localnet" in {profile.id for profile in told(link.profiles())}
    assert not told(link.statuses())
    assert not told(link.doors())


def test_a_key_is_made_backed_up_and_proved(link: EngineLink, node: str, tmp_path: Path) -> None:
    facts = told(link.key_facts(node))
    assert facts.protection == "passphrase"
    assert facts.address.startswith("omnivalcons1")
    assert facts.proof is None
    file = tmp_path / "key.ocvbackup"
    proof = told(link.back_up(node, file, secret(BACKUP), secret(KEY)))
    assert proof.path == str(file)
    assert told(link.key_facts(node)).proof == proof
    assert told(link.statuses())[0].backup_verified_at == proof.verified_at
    assert told(link.read_backup(file)).address == proof.address
    assert proof.address in told(link.sheet(file))
    with pytest.raises(BackupPassphraseWrong):
        told(link.verify_backup(node, file, secret(KEY)))


def test_the_passphrase_is_changed_and_the_old_one_opens_no_more(
    link: EngineLink, node: str, tmp_path: Path
) -> None:
    told(link.change_protection(node, "passphrase", secret(KEY), secret(BACKUP)))
    with pytest.raises(OneClickError):
        told(link.back_up(node, tmp_path / "a.ocvbackup", secret(BACKUP), secret(KEY)))
    assert not (tmp_path / "a.ocvbackup").exists()
    told(link.back_up(node, tmp_path / "b.ocvbackup", secret(KEY), secret(BACKUP)))


def test_the_log_of_a_node_that_never_ran_is_empty(link: EngineLink, node: str) -> None:
    assert list(told(link.log_tail(node, "node", 6))) == []


def test_the_doctor_looks_at_the_computer_and_mends_it(
    link: EngineLink, node: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))

    def finding(check: str) -> CheckResult:
        return next(one for one in told(link.examine(node)) if one.id == check)

    unwilling = Settings()
    unwilling.window.keep_awake = False
    told(link.change_settings(unwilling))
    assert finding("login").mend is Mend.START_AT_LOGIN
    assert {"login", "sleep"} <= {one.id for one in told(link.check())}
    assert finding("sleep").explanation.code in {"sleep-ok", "sleep-unknown", "falls-asleep"}

    both = [link.mend(node, mend) for mend in (Mend.START_AT_LOGIN, Mend.KEEP_AWAKE)]
    for one in both:
        told(one)
    assert finding("login").state is CheckState.OK
    assert told(link.starts_at_login())
    assert told(link.settings()).window.start_at_login
    assert told(link.settings()).window.keep_awake
    assert "tries to keep it awake" in finding("sleep").explanation.what
    bundle = told(link.support_bundle())
    assert any("Start at login" in file.text for file in bundle.files)
