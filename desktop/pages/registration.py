# SPDX-License-Identifier: Apache-2.0
"""Becoming and staying a validator without a portal: a file out, a signed file in, sent, followed.

On the local network one button does all of it with the account that lies there.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from bridge.transactions.wishes import Kind, Wish
from desktop.components.dialog import Dialog
from desktop.components.dress import button, clear, label
from desktop.components.error_panel import ErrorPanel
from desktop.components.flow import flow
from desktop.components.folded import Folded
from desktop.context import Context
from desktop.pages.registration_fields import amount_text
from desktop.pages.registration_forms import Form
from desktop.pages.registration_review import Review
from desktop.words import wording
from desktop.words.translation import explained, tr
from node_manager.explanation import Explanation
from node_manager.state import NodeStatus

if TYPE_CHECKING:
    from bridge.orchestrator.portal.standing import ValidatorBody
    from bridge.transactions.files import Included, Signed
    from bridge.transactions.operating import Draft, Operating

WIDTH = 620


class RegistrationDialog(Dialog):
    """One change on chain, from its form to the block that holds it.

    Without `kind` it begins with a file that is signed already.

    Signals:
        sent: the transaction's hash; from the engine's thread.
    """

    sent = Signal(str)

    def __init__(
        self, context: Context, status: NodeStatus, kind: Kind | None, parent: QWidget | None
    ) -> None:
        title = title_of(kind, status.moniker)
        super().__init__(parent, title, WIDTH)
        self.context, self.kind = context, kind
        self._status = status
        self._key = base64.b64encode(status.consensus_pubkey or b"").decode()
        self._busy = False
        self.operating: Operating | None = None
        self.form: Form | None = None
        self.review: Review | None = None
        self._draft: Draft | None = None
        self._typed: dict[str, str] = {}
        self._lead = label("", "second", wrap=True)
        self._body = QVBoxLayout()
        self._body.setSpacing(6)
        self.trouble = ErrorPanel()
        self.line = Folded("", "second")
        self.line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = flow(None, gap=10)
        self.column.addWidget(label(title, "title", wrap=True))
        self.column.addWidget(self._lead)
        self.column.addSpacing(6)
        self.column.addLayout(self._body)
        self.column.addWidget(self.trouble)
        self.column.addWidget(self.line)
        self.column.addSpacing(10)
        self.column.addLayout(self._buttons)
        self.sent.connect(self._on_sent, Qt.ConnectionType.QueuedConnection)
        self._read_chain("")

    def _turn(self, lead: str, body: QWidget | None, *buttons: QWidget) -> None:
        """Show another stage: what it says, its body and its buttons, the last one primary."""
        if self.form is not None:
            self._typed = self.form.typed()
        self.form = body if isinstance(body, Form) else None
        clear(self._body)
        clear(self._buttons)
        self.trouble.explain(None)
        self._say("")
        self._lead.setText(lead)
        if body is not None:
            self._body.addWidget(body)
        self._buttons.addStretch(1)
        for one in buttons:
            self._buttons.addWidget(one)
        # A layout shows what it was given a turn later; its height is needed now.
        for one in (*buttons, *([body] if body is not None else [])):
            one.show()
        self.fit()
        self._centre()

    def _centre(self) -> None:
        """A stage may be much higher than the one before."""
        over = self.parentWidget()
        if over is not None and self.isVisible():
            middle = over.window().frameGeometry().center()
            self.move(middle - self.rect().center())

    def _say(self, words: str) -> None:
        self.line.setText(words)
        self.line.setVisible(bool(words))
        self.fit()

    def _close_button(self, text: str) -> QWidget:
        return button(text, self.reject)

    def _read_chain(self, wallet: str) -> None:
        self._turn(tr("Reading the chain."), None, self._close_button(tr("Cancel")))
        adapter = self.context.adapter
        asked = self.context.engine.operating(self._status.node_id, wallet)
        adapter.when(asked, self, self._on_operating, self._on_silence)

    def _on_silence(self, reason: Explanation) -> None:
        again = button(tr("Try again"), lambda: self._read_chain(""), kind="primary")
        self._turn("", None, self._close_button(tr("Cancel")), again)
        self._refuse(reason)

    def _on_operating(self, operating: Operating) -> None:
        self.operating = operating
        if self.kind is None:
            self._show_files()
        else:
            self._show_form()

    def _show_files(self) -> None:
        lead = tr("Open the file that the wallet signed. Nothing is sent before you have read it.")
        opening = button(tr("Open the signed transaction…"), self._ask_signed, kind="primary")
        self._turn(lead, None, self._close_button(tr("Cancel")), opening)

    def _show_form(self) -> None:
        operating = self.operating
        if operating is None or self.kind is None:
            return
        form = Form(self.kind, operating, self._status)
        form.type_again(self._typed)
        buttons = [self._close_button(tr("Cancel"))]
        if operating.signs_here:
            lead = tr("An account of the local network signs and pays: its tokens have no worth.")
            self.go_on = button(act_of(self.kind), self._act_here, kind="primary")
        else:
            lead = tr(
                "The app makes a file that your wallet signs, and sends what it signed. The"
                " wallet's key never comes here. Nothing is sent before you have read it."
            )
            buttons.append(button(tr("Open the signed transaction…"), self._ask_signed))
            self.go_on = button(tr("Continue"), self._make, kind="primary")
        self.go_on.setDefault(True)
        self._turn(lead, form, *buttons, self.go_on)
        first = next(iter(form.fields.values()), None)
        (first or self.go_on).setFocus()

    def _make(self) -> None:
        """Have the transaction made and tried on the chain."""
        wish, wallet = self._wish()
        if wish is None:
            return
        self._wait(tr("The chain tries it out; nothing is sent."))
        engine, adapter = self.context.engine, self.context.adapter
        asked = engine.make_transaction(self._status.node_id, wallet, wish)
        adapter.when(asked, self, self._on_made, self._refuse)

    def _wish(self) -> tuple[Wish | None, str]:
        if self.form is None or self._busy:
            return None, ""
        wish = self.form.wish()
        self.fit()
        return wish, self.form.wallet

    def _on_made(self, draft: Draft) -> None:
        self._done_waiting()
        self._draft, self.operating = draft, draft.operating
        self.review = Review(draft.reading, draft.operating, self._key)
        self.review.grown.connect(self.fit)
        self.save = button(tr("Save the unsigned transaction…"), self._ask_unsigned, kind="primary")
        self.open_signed = button(tr("Open the signed transaction…"), self._ask_signed)
        lead = tr("This is all that it does. Save it, sign it with your wallet, open it here.")
        back = button(tr("Back"), self._show_form)
        self._turn(lead, self.review, back, self.open_signed, self.save)

    def _ask_unsigned(self) -> None:
        name = f"{self._status.moniker}-{self.kind}.json".replace("/", "-")
        kinds = tr("Transactions (*.json);;All files (*)")
        start = str(Path.home() / name)
        file, _kind = QFileDialog.getSaveFileName(
            self, tr("Save the unsigned transaction"), start, kinds
        )
        if not file or self._draft is None:
            return
        saving = self.context.engine.save_unsigned(self._draft, Path(file))
        self.context.adapter.when(saving, self, lambda _none: self._on_saved(file), self._refuse)

    def _on_saved(self, file: str) -> None:
        if self.operating is None:
            return
        self.command = (
            f"{self.operating.daemon_name} tx sign {file} --from KEY --chain-id"
            f" {self.operating.chain_id} --node RPC --output-document signed.json"
        )
        told = tr("Saved as {file}. Sign it with the wallet {wallet}, for example:")
        self._say(told.format(file=file, wallet=self.operating.wallet) + f"\n{self.command}")

    def _ask_signed(self) -> None:
        kinds = tr("Transactions (*.json);;All files (*)")
        file, _kind = QFileDialog.getOpenFileName(
            self, tr("Open the signed transaction"), str(Path.home()), kinds
        )
        if file:
            reading = self.context.engine.read_signed(Path(file))
            self.context.adapter.when(reading, self, self._on_signed, self._refuse)

    def _on_signed(self, signed: Signed) -> None:
        if self.operating is None:
            return
        self.review = Review(signed.reading, self.operating, self._key)
        self.review.grown.connect(self.fit)
        lead = tr("The file is signed. This is all that it does, read from the file itself.")
        back = button(tr("Back"), self._show_files if self.kind is None else self._show_form)
        self.go_on = button(tr("Send"), lambda: self._send(signed), kind="primary")
        self._turn(lead, self.review, back, self.go_on)

    def _send(self, signed: Signed) -> None:
        if self._busy:
            return
        self._wait(tr("Handing it to the network."))
        engine, adapter = self.context.engine, self.context.adapter
        asked = engine.send_signed(self._status.node_id, signed, self.sent.emit)
        adapter.when(asked, self, self._on_included, self._refuse)

    def _act_here(self) -> None:
        """On the local network: made, signed, sent and followed at once."""
        wish, _wallet = self._wish()
        if wish is None:
            return
        self._wait(tr("Making it, signing it, handing it to the network."))
        engine, adapter = self.context.engine, self.context.adapter
        asked = engine.act_locally(self._status.node_id, wish, self.sent.emit)
        adapter.when(asked, self, self._on_included, self._refuse)

    def _on_sent(self, tx_hash: str) -> None:
        if self._busy:
            told = tr("Sent. Waiting for a block to hold {hash}.")
            self._say(told.format(hash=tx_hash))

    def _on_included(self, included: Included) -> None:
        self._done_waiting()
        done = button(tr("Close"), self.accept, kind="primary")
        self._turn(done_words(self.kind), None, done)
        told = tr("In block {height}. Transaction {hash}.")
        self._say(told.format(height=wording.number(included.height), hash=included.tx_hash))
        done.setFocus()
        engine, adapter = self.context.engine, self.context.adapter
        asked = engine.operating(
            self._status.node_id, self.operating.wallet if self.operating else ""
        )
        # What is done stays done, also when the chain cannot be asked again.
        adapter.when(asked, self, self._on_seen, lambda _reason: None)

    def _on_seen(self, operating: Operating) -> None:
        """Say how the chain shows the validator now."""
        validator = operating.standing.validator if operating.standing is not None else None
        if validator is not None and validator.consensus_pubkey == self._key:
            self._say(f"{self.line.text()}\n{seen_words(validator, operating)}")

    def _wait(self, words: str) -> None:
        self._busy = True
        self.trouble.explain(None)
        self._enable(False)
        self._say(words)

    def _done_waiting(self) -> None:
        self._busy = False
        self._enable(True)

    def _enable(self, enabled: bool) -> None:
        for at in range(self._buttons.count()):
            item = self._buttons.itemAt(at)
            if item is not None and (widget := item.widget()) is not None:
                widget.setEnabled(enabled)
        if self.form is not None:
            self.form.setEnabled(enabled)

    def _refuse(self, reason: Explanation) -> None:
        """Say why, at the field it is about where there is one."""
        self._done_waiting()
        self._say("")
        field = str(reason.facts.get("field", ""))
        words = explained(reason)[1]
        if self.form is None or not self.form.complain(field, words):
            self.trouble.explain(reason)
        self.fit()

    def reject(self) -> None:
        """Close, but not while a transaction is on its way."""
        if not self._busy:
            super().reject()


def seen_words(validator: ValidatorBody, operating: Operating) -> str:
    """How the chain shows the validator."""
    if validator.jailed:
        state = tr("jailed")
    else:
        state = tr("active") if validator.status == "active" else tr("not active")
    stake = f"{amount_text(int(validator.tokens), operating.decimals)} {operating.display_denom}"
    told = tr("The chain shows “{name}”: {state}, with {stake}.")
    return told.format(name=validator.moniker, state=state, stake=stake)


def title_of(kind: Kind | None, moniker: str) -> str:
    """What the dialog is about."""
    match kind:
        case "create-validator":
            return tr("Become a validator")
        case "edit-validator":
            return tr("Change the profile of {name}").format(name=moniker)
        case "unjail":
            return tr("Leave the jail")
        case "delegate":
            return tr("Lock more with {name}").format(name=moniker)
        case "withdraw":
            return tr("Withdraw rewards and commission")
        case None:
            return tr("Send a signed transaction")


def act_of(kind: Kind) -> str:
    """The words of the one button on the local network."""
    return {
        "create-validator": tr("Become a validator"),
        "edit-validator": tr("Change it"),
        "unjail": tr("Leave the jail"),
        "delegate": tr("Lock more"),
        "withdraw": tr("Withdraw"),
    }[kind]


def done_words(kind: Kind | None) -> str:
    """What is so now."""
    match kind:
        case "create-validator":
            return tr("The chain has the validator. The overview shows its first signatures.")
        case "edit-validator":
            return tr("The profile is changed.")
        case "unjail":
            return tr("The validator is out of jail.")
        case "delegate":
            return tr("The stake is raised.")
        case "withdraw":
            return tr("Rewards and commission are in the wallet.")
        case None:
            return tr("The chain did what the transaction says.")
