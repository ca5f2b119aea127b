# SPDX-License-Identifier: Apache-2.0
"""The data folder with its move."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QProgressBar, QWidget

from desktop.components.ask import Ask
from desktop.components.dialog import Dialog
from desktop.components.dress import button, label
from desktop.components.error_panel import ErrorPanel
from desktop.components.flow import flow
from desktop.context import Context
from desktop.preferences.card import SettingsCard
from desktop.words.translation import tr
from node_manager.explanation import Explanation, OneClickError
from node_manager.layout import Layout
from node_manager.moving import MoveProgress


class DataCard(SettingsCard):
    """Where the data lie.

    Signals:
        move_asked: the folder that was chosen.
    """

    move_asked = Signal(object)

    def __init__(self, layout: Layout) -> None:
        super().__init__(tr("Data folder"))
        self.move = button(tr("Move…"), self._choose, kind="small")
        note = tr(
            "Keys, chain data, programs and logs. While it is moved every validator is stopped"
            " and misses blocks."
        )
        self._movable = not named_at_start(layout)
        if not self._movable:
            note = tr(
                "It was named at the start (--data or ONECLICK_DATA), so it cannot be moved from"
                " here while it is in use: the next start would look in the old place."
            )
        self.note = self.add_row(str(layout.data), self.move, note)
        self.move.setEnabled(self._movable)

    def _choose(self) -> None:
        dialog = QFileDialog(self, tr("An empty folder for the data"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda name: self.move_asked.emit(Path(name)))
        dialog.open()


def named_at_start(layout: Layout) -> bool:
    """Whether the person named this folder, so that only they can name another."""
    if os.environ.get("ONECLICK_DATA"):
        return True
    try:
        return Layout.of_this_user().data != layout.data
    except OneClickError:
        return True


class MoveDialog(Dialog):
    """Asks, moves and tells how far it is; the app is started anew afterwards.

    Signals:
        moved: the folder was moved; the app has to be started anew.
    """

    moved = Signal()
    _progressed = Signal(object)

    def __init__(self, context: Context, target: Path, parent: QWidget) -> None:
        super().__init__(parent, tr("Move the data folder"), 480)
        self._context, self._target = context, target
        self._title = label(tr("Moving."), "title")
        self._line = label(tr("The validators are stopped first."), "second", wrap=True)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress of the move"))
        self._trouble = ErrorPanel()
        self._close = button(tr("Start the app anew"), self._on_close)
        self._close.hide()
        self.column.setSpacing(10)
        for part in (self._title, self._line, self._bar, self._trouble):
            self.column.addWidget(part)
        self.column.addLayout(flow(None, self._close))
        self._progressed.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def begin(self) -> None:
        """Move now."""
        self.open()
        self._context.adapter.when(
            self._context.engine.move_data(self._target, self._progressed.emit),
            self,
            lambda _layout: self.moved.emit(),
            self._on_failed,
        )

    def _show(self, progress: MoveProgress) -> None:
        words = {
            "copy": tr("Copying."),
            "verify": tr("Comparing the copy with the original."),
            "remove": tr("Removing the old folder."),
        }
        self._line.setText(words.get(progress.phase, ""))
        self._bar.setRange(0, 1000)
        self._bar.setValue(round(1000 * progress.done / max(1, progress.total)))

    def _on_failed(self, reason: Explanation) -> None:
        self._title.setText(tr("Not moved."))
        self._line.setText(tr("The old folder is in use as before. The validators are stopped."))
        self._bar.hide()
        self._trouble.explain(reason)
        self._close.show()

    def _on_close(self) -> None:
        self.moved.emit()

    def reject(self) -> None:
        """Escape does not end a move."""


def ask_and_move(context: Context, target: Path, parent: QWidget) -> MoveDialog:
    """Say what a move costs; it begins when the person wants it."""
    dialog = MoveDialog(context, target, parent)
    ask = Ask(
        parent,
        tr("Move the data folder to {target}?").format(target=target),
        tr(
            "Every validator is stopped, everything is copied and compared, then the old folder is"
            " removed. Blocks are missed meanwhile. The app starts anew afterwards."
        ),
        yes=tr("Stop and move"),
    )
    ask.accepted.connect(dialog.begin)
    ask.open()
    return dialog
