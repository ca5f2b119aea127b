# SPDX-License-Identifier: Apache-2.0
"""What a person can do with a validator from any page; what costs something is asked first."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QWidget

from desktop.words.sentences import Act
from desktop.words.translation import tr

if TYPE_CHECKING:
    from bridge.transactions.wishes import Kind
    from desktop.context import Context
    from node_manager.state import NodeStatus


class NodeActs:
    """Start, stop, restart, unlock, copy, on behalf of one page."""

    def __init__(self, context: Context, page: QWidget) -> None:
        self._context, self._page = context, page

    def start(self, node_id: str) -> None:
        """Start, or try again."""
        self._context.adapter.when(self._context.engine.start(node_id), self._page)

    def restart(self, node_id: str) -> None:
        """Stop and start."""
        self._context.adapter.when(self._context.engine.restart(node_id), self._page)

    def ask_and_stop(self, status: NodeStatus) -> None:
        """Say what stopping costs, then stop if it is still wanted."""
        from desktop.components.ask import Ask

        ask = Ask(
            self._page,
            tr("Stop {name}?").format(name=status.moniker),
            stop_costs(status),
            yes=tr("Stop"),
            no=tr("Keep it running"),
        )
        ask.accepted.connect(lambda: self.stop(status.node_id))
        ask.open()

    def stop(self, node_id: str) -> None:
        """Stop in order."""
        self._context.adapter.when(self._context.engine.stop(node_id), self._page)

    def unlock(self, node_id: str) -> None:
        """Ask for the passphrase and open the key."""
        from desktop.components.unlock import UnlockDialog

        UnlockDialog(self._context, node_id, self._page).open()

    def ask_and_lock(self, status: NodeStatus) -> None:
        """Say what closing the key costs where something runs, then close it."""
        from desktop.components.ask import Ask

        if not status.state.alive:
            self.lock(status.node_id)
            return
        ask = Ask(
            self._page,
            tr("Stop {name} and lock its key?").format(name=status.moniker),
            stop_costs(status) + " " + tr("The next start asks for the passphrase."),
            yes=tr("Stop and lock"),
            no=tr("Keep it running"),
        )
        ask.accepted.connect(lambda: self.lock(status.node_id))
        ask.open()

    def lock(self, node_id: str) -> None:
        """Stop, and close the key."""
        self._context.adapter.when(self._context.engine.lock(node_id), self._page)

    def ask_and_repair(self, status: NodeStatus) -> None:
        """Have the person vouch for every other machine, then repair the record and start."""
        from desktop.components.ask import Ask

        ask = Ask(
            self._page,
            tr("Repair the signing record of {name}?").format(name=status.moniker),
            tr(
                "The app watches the network for ten blocks. If nobody signs with this key, it"
                " goes on above all of them, so that nothing can be signed a second time. It"
                " cannot see a machine that is off now: make sure that no other computer will"
                " ever sign with this key again."
            ),
            yes=tr("All others are off: repair"),
        )
        ask.accepted.connect(lambda: self.repair(status.node_id))
        ask.open()

    def repair(self, node_id: str) -> None:
        """Repair the record and start."""
        self._context.adapter.when(self._context.engine.repair_record(node_id), self._page)

    def choose_ports(self, node_id: str) -> None:
        """Give the validator ports that are free, and start it."""
        from node_manager.checks.result import Mend

        self._context.adapter.when(
            self._context.engine.mend(node_id, Mend.CHANGE_PORTS), self._page
        )

    def change_on_chain(self, status: NodeStatus, kind: Kind | None) -> None:
        """Open the form of a change on chain; without `kind`, a file that is signed already."""
        from desktop.pages.registration import RegistrationDialog

        RegistrationDialog(self._context, status, kind, self._page).open()

    def copy_public_key(self, status: NodeStatus) -> None:
        """Copy the consensus public key as the chain's JSON has it: base64."""
        if status.consensus_pubkey is not None:
            QApplication.clipboard().setText(base64.b64encode(status.consensus_pubkey).decode())

    def act(self, act: Act, status: NodeStatus) -> None:
        """Do the next thing."""
        wishes = self._context.wishes
        match act:
            case Act.START | Act.RETRY:
                self.start(status.node_id)
            case Act.UNLOCK:
                self.unlock(status.node_id)
            case Act.BACKUP:
                wishes.backup.emit(status.node_id)
            case Act.LOGS:
                wishes.page.emit("logs")
            case Act.DOCTOR:
                wishes.page.emit("doctor")
            case Act.KEYS:
                wishes.page.emit("keys")
            case Act.REPAIR:
                self.ask_and_repair(status)
            case Act.PORTS:
                self.choose_ports(status.node_id)
            case Act.REGISTER:
                self.change_on_chain(status, "create-validator")
            case Act.UNJAIL:
                self.change_on_chain(status, "unjail")
            case Act.NONE:
                pass


def stop_costs(status: NodeStatus) -> str:
    """What stopping this validator costs."""
    chain = status.chain
    if chain.registered.value is False:
        return tr("It is not registered, so no block is missed. The key and the data stay.")
    allowed = chain.may_miss.value
    seconds = status.block_seconds.value
    if chain.registered.value and allowed is not None and seconds:
        from desktop.words import wording

        return tr(
            "Blocks will be missed while it is stopped. After about {time} it is jailed."
            " The key and the data stay."
        ).format(time=wording.duration(allowed * seconds))
    return tr("Blocks will be missed while it is stopped. The key and the data stay.")
