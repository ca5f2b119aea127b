# SPDX-License-Identifier: Apache-2.0
"""Becoming a validator without a portal: form, file out, signed file in, sent, seen on chain."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from bridge.transactions.files import TransactionFailedInBlock
from bridge.transactions.setup import ValidatorSetup
from bridge.transactions.wishes import ValueNotAllowed
from desktop.look.theme import theme
from desktop.pages.overview import OverviewPage
from desktop.pages.registration import RegistrationDialog
from desktop.pages.registration_fields import NotAValue, amount_of, amount_text, share_of
from desktop.pages.registration_forms import Form
from desktop.window import MainWindow
from node_manager.cosmos.description import Description
from node_manager.figures import Figure
from node_manager.state import NodeStatus
from tests.gui.conftest import Opened
from tests.helpers import chain_samples as chain
from tests.helpers import samples
from tests.helpers.fake_engine import FakeEngine

NODE = "omniphi-testnet-2"


def unregistered() -> NodeStatus:
    status = samples.backed_up()
    no = Figure(False, "chain", status.chain.registered.at, 3600)
    return replace(status, chain=replace(status.chain, registered=no))


def press(qtbot: QtBot, within: QWidget, text: str) -> None:
    def found() -> list[QPushButton]:
        return [
            one
            for one in within.findChildren(QPushButton)
            if one.text() == text and one.isVisible() and one.isEnabled()
        ]

    qtbot.waitUntil(lambda: len(found()) == 1)
    qtbot.mouseClick(found()[0], Qt.MouseButton.LeftButton)


def dialog(qtbot: QtBot) -> RegistrationDialog:
    shown = QApplication.activeModalWidget()
    assert isinstance(shown, RegistrationDialog)
    qtbot.waitUntil(lambda: shown.operating is not None)
    return shown


def fill(shown: RegistrationDialog, name: str, text: str) -> None:
    edits = [one for one in shown.findChildren(QLineEdit) if one.accessibleName() == name]
    assert len(edits) == 1, name
    edits[0].clear()
    edits[0].insert(text)
    edits[0].textEdited.emit(text)


def fault(shown: RegistrationDialog, field: str) -> str:
    assert shown.form is not None
    note = shown.form.fields[field].note
    return note.text() if note.property("tone") == "bad" and note.isVisible() else ""


def change(window: MainWindow, kind: str) -> None:
    """Choose a change of the menu beside Stop."""
    page = window.page("overview")
    assert isinstance(page, OverviewPage)
    menu = page._more.menu()
    menu.aboutToShow.emit()
    action = next(one for one in menu.actions() if one.data() == kind)
    assert action.isVisible()
    action.trigger()


def pick(monkeypatch: pytest.MonkeyPatch, call: str, file: Path) -> None:
    """Let the system's dialog answer with `file`."""
    monkeypatch.setattr(QFileDialog, call, lambda *_rest: (str(file), ""))


def test_one_button_makes_a_validator_on_the_local_network(
    open_window: Opened, qtbot: QtBot
) -> None:
    status = replace(unregistered(), network="localnet", backup_verified_at=None)
    engine = FakeEngine([status])
    engine.known_operating = chain.operating(local=True, wallet="")
    engine.included = chain.INCLUDED
    window = open_window(engine)
    press(qtbot, window, "Register…")
    shown = dialog(qtbot)
    seen = chain.operating(local=True, found=chain.validator())
    engine.known_operating = seen
    press(qtbot, shown, "Become a validator")
    qtbot.waitUntil(lambda: "The chain shows" in shown.line.whole)
    assert "In block 4,182,909." in shown.line.whole
    assert "active, with 1,000 OMNI" in shown.line.whole
    [(_, node, wish)] = [asked for asked in engine.asked if asked[0] == "act"]
    assert (node, wish.kind, wish.amount) == (NODE, "create-validator", 1_000 * chain.OMNI)
    assert (wish.profile.moniker, wish.commission) == ("my-validator", Decimal("0.1"))
    press(qtbot, shown, "Close")
    assert shown.isHidden()


def test_what_was_planned_stands_in_the_form(qtbot: QtBot, look: None) -> None:
    planned = ValidatorSetup(
        moniker="stork",
        website="https://stork.example",
        commission_rate=Decimal("0.07"),
        commission_max_rate=Decimal("0.3"),
        commission_max_change_rate=Decimal("0.02"),
    )
    operating = replace(chain.operating(local=True), planned=planned)
    form = Form("create-validator", operating, unregistered())
    qtbot.addWidget(form)
    wish = form.wish()
    assert wish is not None
    assert wish.profile == Description("stork", website="https://stork.example")
    assert (wish.commission, wish.max_commission, wish.max_change) == (
        planned.commission_rate,
        planned.commission_max_rate,
        planned.commission_max_change_rate,
    )


def test_values_that_the_chain_refuses_are_told_at_their_fields(
    open_window: Opened, qtbot: QtBot
) -> None:
    engine = FakeEngine([unregistered()])
    engine.known_operating = chain.operating()
    window = open_window(engine)
    press(qtbot, window, "Register…")
    shown = dialog(qtbot)
    fill(shown, "Name", "n" * 71)
    fill(shown, "You lock", "20001")
    fill(shown, "Commission", "4")
    press(qtbot, shown, "Continue")
    assert fault(shown, "moniker") == "71 bytes; the chain takes 70."
    assert fault(shown, "amount") == "Your wallet has 20,000 OMNI."
    assert fault(shown, "commissionRate") == "The chain takes no less than 5 %."
    fill(shown, "Name", "heron")
    fill(shown, "You lock", "1,0")
    fill(shown, "Commission", "21")
    press(qtbot, shown, "Continue")
    assert fault(shown, "amount").startswith("Enter a number")
    fill(shown, "You lock", "1,000")
    press(qtbot, shown, "Continue")
    assert fault(shown, "commissionRate") == "It is above the limit that you set."
    assert not [asked for asked in engine.asked if asked[0] == "make"]
    # What only the chain knows is told at the field too.
    engine.failures["make_transaction"] = ValueNotAllowed(
        field="walletAddress", reason="omni1x is no account of omniphi-testnet-2."
    )
    fill(shown, "Commission", "10")
    press(qtbot, shown, "Continue")
    qtbot.waitUntil(lambda: fault(shown, "walletAddress").startswith("omni1x is no account"))


def test_the_file_goes_out_unsigned_and_comes_back_signed(
    open_window: Opened, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FakeEngine([unregistered()])
    engine.known_operating = chain.operating(wallet="")
    engine.draft = chain.draft(chain.create())
    engine.signed = chain.signed(chain.create())
    engine.included = chain.INCLUDED
    window = open_window(engine)
    press(qtbot, window, "Register…")
    shown = dialog(qtbot)
    fill(shown, "Wallet that operates it", chain.WALLET)
    fill(shown, "You lock", "1000")
    press(qtbot, shown, "Continue")
    qtbot.waitUntil(lambda: shown.review is not None)
    told = shown.review.accessibleDescription()
    for words in (
        "You lock: 1,000 OMNI. To get it back you wait 21 d",
        "10 % commission. Of what others earn with you. Never above 20 %",
        "The key of this validator. It is the same.",
        "You pay: 0.0061 OMNI. Fee, at most, for 244,000 gas.",
        "Your wallet: 18,999.9939 OMNI",
    ):
        assert words in told
    assert not shown.review.text.isVisible()
    press(qtbot, shown, "Show the exact message")
    assert "MsgCreateValidator" in shown.review.text.toPlainText()
    unsigned = tmp_path / "unsigned.json"
    pick(monkeypatch, "getSaveFileName", unsigned)
    press(qtbot, shown, "Save the unsigned transaction…")
    qtbot.waitUntil(lambda: f"posd tx sign {unsigned}" in shown.line.whole)
    assert ("save", unsigned) in engine.asked
    # Going back keeps what was typed.
    press(qtbot, shown, "Back")
    assert shown.form is not None
    assert shown.form.fields["amount"].edit.text() == "1000"
    pick(monkeypatch, "getOpenFileName", tmp_path / "signed.json")
    press(qtbot, shown, "Open the signed transaction…")
    qtbot.waitUntil(lambda: not [one for one in engine.asked if one[0] == "send"])
    qtbot.waitUntil(lambda: shown.go_on.text() == "Send")
    press(qtbot, shown, "Send")
    qtbot.waitUntil(lambda: "In block 4,182,909." in shown.line.whole)
    assert ("send", NODE, engine.signed) in engine.asked


def test_a_foreign_key_and_an_unknown_message_are_marked(
    open_window: Opened, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FakeEngine([samples.backed_up()])
    engine.known_operating = chain.operating(found=chain.validator())
    send = {"@type": "/cosmos.bank.v1beta1.MsgSend", "to_address": "omni1thief"}
    document = chain.create(pubkey="A" * 43 + "=", amount=10**12)
    document["body"]["messages"].append(send)
    engine.signed = chain.signed(document)
    window = open_window(engine)
    change(window, "send")
    shown = dialog(qtbot)
    pick(monkeypatch, "getOpenFileName", tmp_path / "signed.json")
    press(qtbot, shown, "Open the signed transaction…")
    qtbot.waitUntil(lambda: shown.review is not None)
    marked = {(row.name, row.value) for row in shown.review.rows if row.tone == "bad"}
    assert ("It signs with", "A" * 43 + "=") in marked
    assert ("It does", "/cosmos.bank.v1beta1.MsgSend") in marked
    assert ("Your wallet", "not enough") in marked


def test_the_reason_of_a_refusal_is_said_and_the_dialog_stays(
    open_window: Opened, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FakeEngine([samples.backed_up()])
    engine.known_operating = chain.operating(found=chain.validator())
    engine.signed = chain.signed(chain.create())
    engine.failures["send_signed"] = TransactionFailedInBlock(
        height=7, reason="The account does not have enough funds."
    )
    window = open_window(engine)
    change(window, "send")
    shown = dialog(qtbot)
    pick(monkeypatch, "getOpenFileName", tmp_path / "signed.json")
    press(qtbot, shown, "Open the signed transaction…")
    qtbot.waitUntil(lambda: shown.review is not None)
    press(qtbot, shown, "Send")
    qtbot.waitUntil(shown.trouble.isVisible)
    assert "refused the transaction in block 7" in shown.trouble.accessibleName()
    assert "does not have enough funds" in shown.trouble.accessibleName()
    assert shown.go_on.isEnabled()
    shown.reject()
    assert shown.isHidden()


@pytest.mark.parametrize(
    ("kind", "button", "wanted"),
    [
        ("edit-validator", "Change it", {"commission": None}),
        ("withdraw", "Withdraw", {"with_commission": False}),
        ("delegate", "Lock more", {"amount": 500_500_000}),
    ],
)
def test_a_validator_is_changed_from_the_menu(
    open_window: Opened, qtbot: QtBot, kind: str, button: str, wanted: dict[str, object]
) -> None:
    engine = FakeEngine([samples.backed_up()])
    engine.known_operating = chain.operating(local=True, found=chain.validator())
    engine.included = chain.INCLUDED
    window = open_window(engine)
    change(window, kind)
    shown = dialog(qtbot)
    if kind == "edit-validator":
        fill(shown, "Website", "https://other.example")
    if kind == "delegate":
        fill(shown, "You lock", "500.5")
    press(qtbot, shown, button)
    qtbot.waitUntil(lambda: "In block" in shown.line.whole)
    [(_, _, wish)] = [asked for asked in engine.asked if asked[0] == "act"]
    assert wish.kind == kind
    for name, value in wanted.items():
        assert getattr(wish, name) == value


def test_the_menu_offers_only_what_fits(open_window: Opened) -> None:
    for status, offered in (
        (unregistered(), {"create-validator", "send"}),
        (samples.backed_up(), {"edit-validator", "delegate", "withdraw", "send"}),
    ):
        window = open_window(FakeEngine([status]))
        page = window.page("overview")
        assert isinstance(page, OverviewPage)
        menu = page._more.menu()
        menu.aboutToShow.emit()
        shown = {one.data() for one in menu.actions() if one.isVisible() and one.data()}
        assert shown == offered


def test_amounts_are_read_as_the_persons_locale_writes_them(look: None) -> None:
    assert amount_of(6)("1,000.5") == 1_000_500_000
    assert amount_text(1_000_500_000, 6) == "1,000.5"
    german = QLocale(QLocale.Language.German, QLocale.Country.Germany)
    QLocale.setDefault(german)
    try:
        assert amount_of(6)("1.000,5") == 1_000_500_000
        assert amount_text(1_000_500_000, 6) == "1.000,5"
        assert share_of("12,5 %") == Decimal("0.125")
        for text in ("1.5", "1,5,0", "1e3", "-1", "", "١"):
            with pytest.raises(NotAValue):
                amount_of(6)(text)
    finally:
        QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    for text in ("1,5", "1.0000001", "0", "12,34"):
        with pytest.raises(NotAValue):
            amount_of(6)(text)


def test_a_dialog_higher_than_the_screen_scrolls_to_what_has_the_focus(
    open_window: Opened, qtbot: QtBot
) -> None:
    theme().choose("light", 2.0)
    engine = FakeEngine([unregistered()])
    engine.known_operating = chain.operating()
    window = open_window(engine)
    press(qtbot, window, "Register…")
    shown = dialog(qtbot)
    room = shown.screen().availableGeometry().size()
    qtbot.waitUntil(lambda: shown.go_on.isVisible())
    assert shown.width() <= room.width()
    assert shown.height() < room.height()
    assert shown.go_on.visibleRegion().isEmpty()
    for _ in range(20):
        if shown.go_on.hasFocus():
            break
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert shown.go_on.hasFocus()
    assert shown.go_on.visibleRegion().boundingRect() == shown.go_on.rect()
