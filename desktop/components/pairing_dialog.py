# SPDX-License-Identifier: Apache-2.0
"""A website asks to be let in: what it wants, the code to compare, Allow or Refuse."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.components.choice import Check
from desktop.components.dialog import Dialog
from desktop.components.dress import button, label
from desktop.components.flow import flow
from desktop.preferences.doors import scope_words
from desktop.words.translation import tr

WIDTH = 460


class PairingDialog(Dialog):
    """Asks once; Escape, closing and no answer in time refuse.

    Signals:
        decided: "once", "always", "refuse" or "never".
    """

    decided = Signal(str)

    def __init__(
        self, parent: QWidget | None, origin: str, code: str, scopes: Sequence[str], seconds: float
    ) -> None:
        super().__init__(parent, tr("A website asks"), WIDTH)
        site = urlsplit(origin).netloc or origin
        self._decided = False
        title = tr("Let {site} in?").format(site=site)
        self.question = tr(
            "{site} wants to {scopes}. Does it show the code below? Allow it only if it does, and"
            " if you have asked for it there."
        ).format(site=site, scopes=scope_words(scopes))
        self.code = label(spoken_code(code), "sentence")
        self.code.setAccessibleName(tr("Code: {code}").format(code=" ".join(code)))
        address = label(tr("Full address: {origin}").format(origin=origin), "source", wrap=True)
        never = label(tr("It can never see or move the private key."), "note", wrap=True)
        self.always = Check(tr("Also after the app ends"))
        self.others = label("", "note", wrap=True)
        self.others.hide()
        self.refuse_button = button(tr("Refuse"), self.reject)
        self.never_button = button(
            tr("Don’t ask again"),
            self._never,
            name=tr("Refuse {site}, and don’t ask again").format(site=site),
        )
        self.allow_button = button(
            tr("Allow"), self._allow, name=tr("Allow {site}").format(site=site)
        )
        layout = self.column
        layout.setSpacing(10)
        layout.addWidget(label(title, "title", wrap=True))
        layout.addWidget(label(self.question, "second", wrap=True))
        layout.addWidget(self.code)
        layout.addWidget(address)
        layout.addWidget(never)
        layout.addWidget(self.always)
        layout.addWidget(self.others)
        layout.addSpacing(8)
        layout.addLayout(
            flow(None, self.allow_button, self.refuse_button, self.never_button, gap=10)
        )
        self.setAccessibleName(title)
        self.setAccessibleDescription(self.question)
        self.refuse_button.setDefault(True)
        self.refuse_button.setFocus()
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.timeout.connect(self.reject)
        self._end.start(round(seconds * 1000))

    def _allow(self) -> None:
        self._decide("always" if self.always.isChecked() else "once")
        self.accept()

    def _never(self) -> None:
        self._decide("never")
        self.accept()

    def show_others(self, origins: Sequence[str]) -> None:
        """Name the websites that ask too and come after this one."""
        self.others.setText(
            tr("These ask too, and come next: {sites}.").format(sites=", ".join(origins))
        )
        self.others.setVisible(bool(origins))

    def reject(self) -> None:
        """Refuse."""
        self._decide("refuse")
        super().reject()

    def _decide(self, decision: str) -> None:
        if not self._decided:
            self._decided = True
            self._end.stop()
            self.decided.emit(decision)


def spoken_code(code: str) -> str:
    """The code in two groups, as the website shows it: K7M 4QX."""
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}"
