# SPDX-License-Identifier: Apache-2.0
"""A damaged signing record on the real chain: no signature without it, and the way out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.localnet.genesis import ChainRules
from bridge.localnet.record import LocalnetInfo
from node_manager.layout import Layout
from node_manager.signer.journal import FILE
from tests.e2e.conftest import own_localnet
from tests.e2e.test_keys import validator_on
from tests.helpers.app import HeadlessApp
from tests.helpers.operator import missed_between, newest_height

PATIENT = ChainRules(min_signed="0.1")
"""90 blocks may be missed: a repair alone takes ten."""


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalnetInfo]:
    with own_localnet(tmp_path_factory, PATIENT) as info:
        yield info


@pytest.fixture
def app(patient: LocalnetInfo, tmp_path: Path) -> Iterator[HeadlessApp]:
    layout = Layout(tmp_path / "app" / "data", patient.layout.cache)
    made = HeadlessApp(layout, patient.layout.localnet)
    yield made
    made.clean_up()
    print(made.told())


async def test_a_torn_record_signs_nothing_until_it_is_repaired_above_the_chain(
    app: HeadlessApp, patient: LocalnetInfo, tmp_path: Path
) -> None:
    localnet = patient
    onchain = await validator_on(app, localnet, tmp_path / "wallet")
    whole = app.run("key", "repair", "--other-machines-are-off", check=False)
    assert whole.returncode == 1
    assert "running" in whole.stderr, "a validator that signs is not touched"
    app.run("stop")
    stopped = await newest_height(localnet.rpc_url) + 1

    record = app.layout.node("localnet").signer / FILE
    record.write_bytes(record.read_bytes()[:5000])
    torn = record.read_bytes()
    app.run("start")
    failed = await app.until("failed", 30)
    assert failed["reason"]["code"] == "signer.journal-torn"
    assert "nothing is signed" in failed["reason"]["what"]
    assert "repair" in failed["reason"]["todo"]
    assert app.status()["pid"] is None
    assert record.read_bytes() == torn

    hasty = app.run("key", "repair", check=False)
    assert hasty.returncode == 1
    assert "no other computer" in hasty.stderr
    assert record.read_bytes() == torn

    repaired = app.run("key", "repair", "--other-machines-are-off")
    above = int(repaired.stdout.split("height ")[1].split()[0].rstrip("."))
    assert above >= await newest_height(localnet.rpc_url) - 2
    app.run("start")
    await onchain.signs_again("the record was repaired", 90)
    missed = await missed_between(localnet.rpc_url, onchain.address, stopped, above)
    assert missed == list(range(stopped, above + 1)), "nothing up to there was signed again"

    again = app.run("key", "repair", "--other-machines-are-off", check=False)
    assert again.returncode == 1
    assert app.end() == 0
