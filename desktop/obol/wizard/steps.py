# SPDX-License-Identifier: Apache-2.0
"""Steps of a distributed validator: operator, beacon node, summary."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from desktop.components.dress import Card, label, put
from desktop.components.segmented import SegmentedControl
from desktop.context import Context
from desktop.obol.wizard.card import card_name
from desktop.obol.wizard.draft import CLIENTS
from desktop.wizard.draft import Draft
from desktop.wizard.facts_step import FactsStep
from desktop.wizard.step import Step
from desktop.words.translation import tr

ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
URL = re.compile(r"https?://\S+")


class OperatorStep(Step):
    """What it is called here, and with which wallet its operator signs."""

    def __init__(self, context: Context, draft: Draft) -> None:
        super().__init__(
            context,
            draft,
            tr("Who are you in the cluster?"),
            tr("The cluster's creator invites an Ethereum address. Its key stays in your wallet."),
        )
        self.name = QLineEdit()
        self.name.setAccessibleName(tr("Name of the validator"))
        self.name.setPlaceholderText(tr("for example: Harbour 4"))
        self.address = QLineEdit()
        self.address.setAccessibleName(tr("Operator address"))
        self.address.setPlaceholderText("0x…")
        self._note = label("", "note", wrap=True)
        card = Card(gap=5)
        for text, field in (
            (tr("&Name, only for you"), self.name),
            (tr("&Operator address"), self.address),
        ):
            heading = label(text, "label")
            heading.setBuddy(field)
            card.body.addWidget(heading)
            card.body.addWidget(field)
            card.body.addSpacing(6)
        card.body.addWidget(self._note)
        self.content.addWidget(card)
        self.content.addStretch(1)
        self.name.textChanged.connect(self._on_typed)
        self.address.textChanged.connect(self._on_typed)
        self._on_typed()

    @property
    def ready(self) -> bool:
        return bool(self.name.text().strip()) and self._fits()

    @property
    def note(self) -> str:
        return tr("Nothing is installed yet.")

    def enter(self) -> None:
        self.name.setFocus()

    def leave(self) -> None:
        self.draft.dv.name = self.name.text().strip()
        self.draft.dv.operator_address = self.address.text().strip()

    def _fits(self) -> bool:
        return ADDRESS.fullmatch(self.address.text().strip()) is not None

    def _on_typed(self) -> None:
        wrong = bool(self.address.text().strip()) and not self._fits()
        text = tr("The app looks for invitations of this address; it never asks for its key.")
        if wrong:
            text = tr("It is 0x and 40 digits or letters from a to f.")
        self._note.setText(text)
        put(self._note, "tone", "bad" if wrong else "")
        self.readiness.emit()


class BeaconStep(Step):
    """The beacon nodes that charon asks, and the validator client beside it."""

    def __init__(self, context: Context, draft: Draft) -> None:
        super().__init__(
            context,
            draft,
            tr("Which beacon node shall it use?"),
            tr("Yours or your operators'. Charon asks the first; the others stand in for it."),
        )
        self.urls = QPlainTextEdit()
        self.urls.setAccessibleName(tr("Beacon nodes, an address a line"))
        self.urls.setPlaceholderText("http://127.0.0.1:5052")
        self.urls.setTabChangesFocus(True)
        self.urls.setFixedHeight(84)
        self._note = label("", "note", wrap=True)
        nodes = Card(gap=5)
        heading = label(tr("&Beacon nodes, an address a line"), "label")
        heading.setBuddy(self.urls)
        for part in (heading, self.urls, self._note):
            nodes.body.addWidget(part)
        self.client = SegmentedControl(
            tr("Validator client"), [(kind, kind.capitalize()) for kind in CLIENTS]
        )
        self.client.chosen.connect(lambda _kind: self.readiness.emit())
        clients = Card(gap=8)
        clients.body.addWidget(label(tr("Validator client"), "heading"))
        clients.body.addWidget(self.client)
        clients.body.addWidget(
            label(
                tr("It signs with this node's key shares. Its program is yours to install."),
                "note",
                wrap=True,
            )
        )
        self.content.addWidget(nodes)
        self.content.addWidget(clients)
        self.content.addStretch(1)
        self.urls.textChanged.connect(self._on_typed)
        self._on_typed()

    @property
    def listed(self) -> list[str]:
        """The addresses, one a line."""
        return [line.strip() for line in self.urls.toPlainText().splitlines() if line.strip()]

    @property
    def ready(self) -> bool:
        return bool(self.listed) and all(URL.fullmatch(one) for one in self.listed)

    @property
    def note(self) -> str:
        return tr("They are asked for network and sync before the start.")

    def enter(self) -> None:
        self.client.choose(self.draft.dv.client)
        self.urls.setFocus()

    def leave(self) -> None:
        self.draft.dv.beacon_nodes = tuple(self.listed)
        self.draft.dv.client = self.client.current

    def _on_typed(self) -> None:
        wrong = next((one for one in self.listed if not URL.fullmatch(one)), "")
        text = tr("Each begins with http:// or https://.")
        if wrong:
            text = tr("This is no address: {text}").format(text=wrong)
        self._note.setText(text)
        put(self._note, "tone", "bad" if wrong else "")
        self.readiness.emit()


class DvSummaryStep(FactsStep):
    """Reads the draft; the wizard's button makes the validator."""

    def __init__(self, context: Context, draft: Draft) -> None:
        super().__init__(
            context,
            draft,
            tr("Ready to make its ENR"),
            tr("The key is made and backed up; then the app waits for your cluster."),
        )

    @property
    def go_on(self) -> str:
        return tr("Set up {name}").format(name=self.draft.dv.name)

    @property
    def note(self) -> str:
        return tr("Before the key ceremony you are shown where the money goes.")

    def enter(self) -> None:
        super().enter()
        title, line = (
            tr("Ready to make its ENR"),
            tr("The key is made and backed up; then the app waits for your cluster."),
        )
        if self.draft.dv.restore is not None:
            title = tr("Ready to put it back")
            line = tr(
                "The backup is opened and put back; then the validator goes on from where it stood."
            )
        self.title.setText(title)
        self.line.setText(line)

    def facts(self) -> list[tuple[str, str]]:
        draft = self.draft.dv
        source = tr("a new one, made here")
        if draft.key_source is not None:
            source = tr("taken over from {file}").format(file=draft.key_source)
        if draft.restore is not None:
            source = tr("restored from {file}").format(file=draft.restore)
        rows = [
            (tr("Network"), card_name(draft.network)),
            (tr("Name"), draft.name),
            (tr("Operator"), draft.operator_address),
            (tr("Beacon nodes"), "\n".join(draft.beacon_nodes)),
            (tr("Validator client"), draft.client.capitalize()),
            (tr("ENR key"), source),
        ]
        if draft.backup is not None:
            rows.append((tr("Backup"), str(draft.backup)))
        return rows
