# SPDX-License-Identifier: Apache-2.0
"""What a person can do with a distributed validator; what costs something is asked first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QWidget

from desktop.obol.next_thing import DvAct, message_for
from desktop.words.translation import tr
from node_manager.obol.status import DvStage

if TYPE_CHECKING:
    from desktop.context import Context
    from node_manager.obol.status import DvStatus

LAUNCHPAD = "https://launchpad.obol.org"


class DvActs:
    """Start, stop, back up, copy, on behalf of one page."""

    def __init__(self, context: Context, page: QWidget) -> None:
        self._context, self._page = context, page

    def start(self, cluster_id: str) -> None:
        """Go on, or try again."""
        self._context.adapter.when(self._context.engine.dv_start(cluster_id), self._page)

    def ask_now(self, cluster_id: str) -> None:
        """Ask the Obol API now."""
        self._context.adapter.when(self._context.engine.dv_ask_now(cluster_id), self._page)

    def confirm(self, status: DvStatus) -> None:
        """The addresses of the definition that is shown were compared."""
        if status.cluster is not None:
            engine, told = self._context.engine, status.cluster.definition_hash
            self._context.adapter.when(engine.dv_confirm(status.cluster_id, told), self._page)

    def change_settings(self, status: DvStatus) -> None:
        """Show the settings of a stopped one to change them."""
        from desktop.obol.settings_dialog import DvSettingsDialog

        self._context.adapter.when(
            self._context.engine.dv_settings(status.cluster_id),
            self._page,
            lambda settings: DvSettingsDialog(self._context, status, settings, self._page).open(),
        )

    def use_definition(self, status: DvStatus) -> None:
        """Ask for a definition file."""
        from desktop.obol.settings_dialog import DvDefinitionDialog

        DvDefinitionDialog(self._context, status, self._page).open()

    def ask_and_look_anew(self, status: DvStatus) -> None:
        """Say what is left behind, then look for the cluster anew if it is still wanted."""
        from desktop.components.ask import Ask

        ask = Ask(
            self._page,
            tr("Leave the cluster that was found?"),
            tr(
                "Its definition goes to the archive and what you confirmed is void; the Obol API"
                " is asked again. No keys were made; the ENR key stays."
            ),
            yes=tr("Look anew"),
            no=tr("Keep it"),
        )
        engine = self._context.engine
        ask.accepted.connect(
            lambda: self._context.adapter.when(
                engine.dv_drop_definition(status.cluster_id), self._page
            )
        )
        ask.open()

    def ask_and_stop(self, status: DvStatus) -> None:
        """Say what stopping costs, then stop if it is still wanted."""
        from desktop.components.ask import Ask

        ask = Ask(
            self._page,
            tr("Stop {name}?").format(name=status.name),
            stop_costs(status),
            yes=tr("Stop"),
            no=tr("Keep it running"),
        )
        ask.accepted.connect(lambda: self.stop(status.cluster_id))
        ask.open()

    def stop(self, cluster_id: str) -> None:
        """Stop in order."""
        self._context.adapter.when(self._context.engine.dv_stop(cluster_id), self._page)

    def ask_and_remove(self, status: DvStatus) -> None:
        """Say what is lost, then remove it if that is still wanted."""
        from desktop.components.ask import Ask

        made = status.cluster is not None and bool(status.cluster.lock_hash)
        kept = status.artefacts_backup_at if made else status.enr_backup_at
        text = tr("Its folder is deleted. The proved backup of its keys is the copy that stays.")
        if kept is None:
            text = tr("Its folder is deleted, and its keys have no backup: they are lost for good.")
        ask = Ask(
            self._page,
            tr("Remove {name}?").format(name=status.name),
            text,
            yes=tr("Remove") if kept is not None else tr("Remove and lose the keys"),
            no=tr("Keep it"),
        )
        engine = self._context.engine
        ask.accepted.connect(
            lambda: self._context.adapter.when(
                engine.dv_remove(status.cluster_id, kept is None), self._page
            )
        )
        ask.open()

    def back_up(self, status: DvStatus, *, everything: bool) -> None:
        """Ask where to and with which passphrase, then write and prove the backup."""
        from desktop.obol.backup_dialog import DvBackupDialog

        DvBackupDialog(self._context, status, self._page, everything=everything).open()

    def act(self, act: DvAct, status: DvStatus) -> None:
        """Do the next thing."""
        match act:
            case DvAct.START:
                self.start(status.cluster_id)
            case DvAct.COPY_ENR:
                QApplication.clipboard().setText(status.enr)
            case DvAct.COPY_MESSAGE:
                QApplication.clipboard().setText(message_for(status))
            case DvAct.BACK_UP_KEY:
                self.back_up(status, everything=False)
            case DvAct.BACK_UP_FILES:
                self.back_up(status, everything=True)
            case DvAct.LAUNCHPAD:
                QDesktopServices.openUrl(QUrl(LAUNCHPAD))
            case DvAct.NONE:
                pass


def stop_costs(status: DvStatus) -> str:
    """What stopping it costs."""
    cluster = status.cluster
    if status.stage is DvStage.DKG:
        return tr(
            "The key ceremony ends for every operator and has to begin anew. The ENR key stays."
        )
    if cluster is None or not cluster.lock_hash:
        return tr("It no longer looks for its cluster. The ENR key stays.")
    spare = cluster.operators - cluster.threshold
    if spare > 0:
        return tr(
            "Your share of the duties is missed. The cluster goes on while no more than {spare} of"
            " its {all} nodes are off. The keys stay."
        ).format(spare=spare, all=cluster.operators)
    return tr("Without this node the cluster cannot attest: every duty is missed. The keys stay.")
