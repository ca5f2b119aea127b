# SPDX-License-Identifier: Apache-2.0
"""Becoming and staying a validator without a portal: at once on the localnet, and by files."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from bridge.engine import EngineOptions
from bridge.localnet.record import LocalnetInfo
from bridge.transactions.setup import ValidatorSetup, setup_file, write_setup
from desktop.context import Context
from desktop.engine.adapter import EngineAdapter
from desktop.engine.link import EngineLink
from desktop.look.theme import theme
from desktop.pages.registration import RegistrationDialog
from desktop.window import MainWindow
from node_manager.keys.secret import SecretBytes
from node_manager.layout import Layout
from node_manager.node.plan import NodePlan
from node_manager.node.record import Ports
from node_manager.state import NodeState
from tests.helpers.app import CHECKOUT, PASSPHRASE, HeadlessApp, eventually, free_ports


@pytest.fixture
def app(localnet: LocalnetInfo, tmp_path: Path) -> Iterator[HeadlessApp]:
    layout = Layout(tmp_path / "data", localnet.layout.cache)
    running = HeadlessApp(layout, localnet.layout.localnet, moniker="stork")
    running.start()
    yield running
    running.clean_up()
    print(running.told())


def validator(localnet: LocalnetInfo, operator: str) -> dict[str, Any]:
    url = f"{localnet.rest_url}/cosmos/staking/v1beta1/validators/{operator}"
    return dict(httpx.get(url).json()["validator"])


async def test_without_a_portal(app: HeadlessApp, localnet: LocalnetInfo, tmp_path: Path) -> None:
    await app.until("running", 300)

    # What it shall be called and charge was said before, as a website does; the command wins.
    planned = ValidatorSetup(
        moniker="black stork",
        website="https://stork.example",
        commission_rate=Decimal("0.07"),
        commission_max_rate=Decimal("0.3"),
        commission_max_change_rate=Decimal("0.02"),
    )
    write_setup(setup_file(app.layout, str(app.status()["id"])), planned)

    # One step on the local network: account made, funded, signed, sent, followed.
    done = app.run("tx", "create-validator", "--amount", "1000", "--commission", "12", "--faucet")
    assert "Lock 1,000,000,000 omniphi" in done.stdout
    wallet = re.search(r"Operated by (omni1\w+)\.", done.stdout)
    assert wallet is not None

    def registered() -> bool | None:
        told: bool | None = app.status()["chain"]["registered"]["value"]
        return told

    await eventually("the app sees its validator on chain", registered, 60)
    operator = str(app.status()["chain"]["operator"]["value"])
    seen = validator(localnet, operator)
    assert seen["consensus_pubkey"]["key"] == app.status()["consensusPubkey"]["key"]
    rates = seen["commission"]["commission_rates"]
    assert (rates["rate"][:4], rates["max_rate"][:3]) == ("0.12", "0.3")
    assert seen["description"]["moniker"] == "black stork"
    assert seen["description"]["website"] == "https://stork.example"

    # By files: made here, signed by the node program's own wallet, sent from here.
    unsigned, signed = tmp_path / "unsigned.json", tmp_path / "signed.json"
    app.run(
        "tx", "edit", "--moniker", "white stork", "--wallet", wallet.group(1),
        "--out", str(unsigned),
    )  # fmt: skip
    message = json.loads(unsigned.read_text())["body"]["messages"][0]
    assert message["@type"] == "/cosmos.staking.v1beta1.MsgEditValidator"
    not_signed = app.run("tx", "broadcast", str(unsigned), check=False)
    assert not_signed.returncode == 1
    assert "holds no signed transaction" in not_signed.stderr
    sign(localnet, wallet.group(1), unsigned, signed)
    assert "Done in block" in app.run("tx", "broadcast", str(signed)).stdout
    assert validator(localnet, operator)["description"]["moniker"] == "white stork"
    again = app.run("tx", "broadcast", str(signed), check=False)
    assert again.returncode == 1
    assert "The chain refuses the transaction." in again.stderr

    # More stake and the earnings; what the chain would refuse is told before anything is signed.
    app.run("tx", "delegate", "--amount", "250.5", "--faucet")
    assert validator(localnet, operator)["tokens"] == "1250500000"
    app.run("tx", "withdraw", "--faucet")
    refused = app.run("tx", "unjail", "--faucet", check=False)
    assert refused.returncode == 1
    assert "validator not jailed" in refused.stderr
    wrong = app.run("tx", "delegate", "--amount", "0.0000001", "--faucet", check=False)
    assert "at most 6 decimals" in wrong.stderr


def sign(localnet: LocalnetInfo, wallet: str, unsigned: Path, signed: Path) -> None:
    subprocess.run(
        [
            str(localnet.posd), "tx", "sign", str(unsigned), "--from", wallet,
            "--keyring-backend", "test", "--home", str(localnet.faucet_home),
            "--chain-id", localnet.chain_id, "--output-document", str(signed),
            "--node", localnet.rpc_url.replace("http://", "tcp://"),
        ],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip


@pytest.fixture
def window(
    localnet: LocalnetInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> Iterator[MainWindow]:
    """The app's window on the real engine, with a validator of the network that was just made."""
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    monkeypatch.setenv("ONECLICK_LOCKS", str(tmp_path / "locks"))
    theme().choose("light")
    layout = Layout(tmp_path / "data", localnet.layout.cache)
    engine = EngineLink(layout, EngineOptions(layout, doors=False))
    window = MainWindow(Context(EngineAdapter(), layout, "0.1.0"))
    window.may_close = True
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignal(window.context.adapter.opened):
        window.context.adapter.attach(engine)
    p2p, rpc, rest, grpc = free_ports(4)
    plan = NodePlan(
        "localnet", "crane", "passphrase", SecretBytes(bytearray(PASSPHRASE.encode())),
        ports=Ports(p2p=p2p, rpc=rpc, rest=rest, grpc=grpc),
    )  # fmt: skip
    engine.create(plan).result(60)
    yield window
    engine.quit(stop_nodes=True).result(60)


def press(qtbot: QtBot, within: QWidget, text: str) -> None:
    def found() -> list[QPushButton]:
        buttons = within.findChildren(QPushButton)
        return [one for one in buttons if one.text() == text and one.isVisible()]

    qtbot.waitUntil(lambda: len(found()) == 1, timeout=60_000)
    qtbot.mouseClick(found()[0], Qt.MouseButton.LeftButton)


def test_one_button_of_the_window_makes_a_validator(
    window: MainWindow, localnet: LocalnetInfo, qtbot: QtBot
) -> None:
    statuses = window.context.adapter.statuses

    def runs() -> bool:
        return any(one.state is NodeState.RUNNING for one in statuses.values())

    qtbot.waitUntil(runs, timeout=120_000)
    [status] = statuses.values()
    window.show_node(status.node_id)
    window.open_page("overview")
    press(qtbot, window, "Register…")
    shown = QApplication.activeModalWidget()
    assert isinstance(shown, RegistrationDialog)
    press(qtbot, shown, "Become a validator")

    def told() -> str:
        return f"{shown.line.text()} {shown.trouble.report()}".strip()

    qtbot.waitUntil(
        lambda: "The chain shows" in told() or shown.trouble.isVisible(), timeout=60_000
    )
    assert "The chain shows “crane”: active, with 1,000 OMNI." in told()
    validators = httpx.get(f"{localnet.rest_url}/cosmos/staking/v1beta1/validators").json()
    [mine] = [one for one in validators["validators"] if one["description"]["moniker"] == "crane"]
    assert mine["tokens"] == "1000000000"
    press(qtbot, shown, "Close")
