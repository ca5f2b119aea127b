# SPDX-License-Identifier: Apache-2.0
"""The public ENR: to read, to copy, to scan; and what to do with it at the Launchpad."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from desktop.components.dress import Card, button, clear, column, label
from desktop.components.flow import flow
from desktop.look.theme import theme
from desktop.words.translation import engine_words, tr
from node_manager.obol.status import DvStatus

QUIET = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""


class QrCode(QWidget):
    """A text as a QR code, black on white in both themes so that every camera reads it."""

    def __init__(self, side: int = 190) -> None:
        super().__init__()
        self._side = side
        self.text = ""
        self._modules: list[bytes] = []

    def show_text(self, text: str) -> None:
        """Encode `text`; nothing is painted for an empty one."""
        if text == self.text:
            return
        self.text = text
        self._modules = []
        if text:
            import segno

            self._modules = [bytes(line) for line in segno.make(text, error="l").matrix]
        self.setAccessibleName(tr("QR code of {text}").format(text=text))
        self.update()

    def sizeHint(self) -> QSize:
        side = theme().px(self._side)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._modules:
            return
        count = len(self._modules) + 2 * QUIET
        ratio = self.devicePixelRatioF()
        # Whole device pixels a module: a blurred edge is what scanners stumble over.
        module = max(1, int(min(self.width(), self.height()) * ratio / count)) / ratio
        painter = QPainter(self)
        side = module * count
        painter.fillRect(QRectF(0, 0, side, side), Qt.GlobalColor.white)
        for y, line in enumerate(self._modules):
            for x, dark in enumerate(line):
                if dark:
                    box = QRectF((x + QUIET) * module, (y + QUIET) * module, module, module)
                    painter.fillRect(box, Qt.GlobalColor.black)


class EnrCard(Card):
    """The ENR with its QR code; `with_steps` adds what to do at the Launchpad."""

    def __init__(self, *, with_steps: bool) -> None:
        super().__init__(gap=8)
        self._copy = button(tr("Copy ENR"), self._on_copy, kind="small", symbol="copy")
        self.body.addLayout(flow(label(tr("ENR of this node"), "heading"), None, self._copy))
        self.enr = label("", "mono", wrap=True)
        self.qr = QrCode()
        self._steps = QGridLayout()
        self._steps.setHorizontalSpacing(8)
        self._steps.setVerticalSpacing(7)
        self._steps.setColumnStretch(1, 1)
        self._shown: tuple[str, ...] = ()
        self._with_steps = with_steps
        note = label(
            tr("It is public: it names this node to the others. Its key stays here."),
            "note",
            wrap=True,
        )
        words = column(self.enr, 6, note, 10, self._steps, None, gap=0)
        both = flow(words, 18, self.qr, gap=0)
        both.setStretch(0, 1)
        both.setAlignment(self.qr, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(both)

    def show_status(self, status: DvStatus) -> None:
        """Show its ENR and the steps."""
        self.enr.setText(wrappable(status.enr) or tr("not made yet"))
        self.qr.show_text(status.enr)
        self._copy.setEnabled(bool(status.enr))
        if self._with_steps and status.launchpad != self._shown:
            self._shown = status.launchpad
            clear(self._steps)
            for at, text in enumerate(status.launchpad):
                number = label(f"{at + 1}.", "second")
                self._steps.addWidget(number, at, 0, Qt.AlignmentFlag.AlignTop)
                self._steps.addWidget(label(engine_words(text), "body", wrap=True), at, 1)

    def _on_copy(self) -> None:
        QApplication.clipboard().setText(self.qr.text)


def wrappable(text: str, every: int = 24) -> str:
    """A long text without spaces, with places at which a line may end; never to be copied."""
    return "\u200b".join(text[at : at + every] for at in range(0, len(text), every))
