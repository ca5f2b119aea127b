# SPDX-License-Identifier: Apache-2.0
"""Fields of what goes on chain: limits are checked where they are typed, faults stand there."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Generic, TypeVar

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.components.dress import label, put, row
from desktop.words import wording
from desktop.words.translation import tr

T = TypeVar("T")


class NotAValue(Exception):
    """What was typed cannot be taken; the message is for the person."""


class Field(QWidget, Generic[T]):
    """A line with its name, its unit, a hint, and the fault in the hint's place."""

    def __init__(
        self,
        name: str,
        read: Callable[[str], T],
        *,
        value: str = "",
        hint: str = "",
        unit: str = "",
    ) -> None:
        super().__init__()
        self._read, self._hint = read, hint
        self.edit = QLineEdit(value)
        self.edit.setAccessibleName(name)
        self.edit.textEdited.connect(lambda _text: self.complain(""))
        self.note = label(hint, "note", wrap=True)
        heading = label(name, "label", wrap=True)
        heading.setBuddy(self.edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(4)
        layout.addWidget(heading)
        layout.addLayout(row(self.edit, *([label(unit, "second")] if unit else [])))
        layout.addWidget(self.note)
        self.setFocusProxy(self.edit)
        self.complain("")

    def hint(self, text: str) -> None:
        """Say something else of the field, unless a fault stands there."""
        shown = self.note.text() == self._hint
        self._hint = text
        if shown:
            self.complain("")

    def complain(self, words: str) -> None:
        """Show a fault, or the hint for none."""
        self.note.setText(words or self._hint)
        self.note.setVisible(bool(words or self._hint))
        put(self.note, "tone", "bad" if words else "")
        put(self.edit, "tone", "bad" if words else "")
        self.edit.setAccessibleDescription(words or self._hint)

    def read(self) -> T | None:
        """The value; None with the fault shown."""
        try:
            value = self._read(self.edit.text().strip())
        except NotAValue as fault:
            self.complain(str(fault))
            return None
        self.complain("")
        return value


def text_of(limit: int, *, needed: bool = False) -> Callable[[str], str]:
    """Reads a text; limits count bytes (cosmos-sdk x/staking/types/validator.go)."""

    def read(text: str) -> str:
        if needed and not text:
            raise NotAValue(tr("It is needed."))
        if (count := len(text.encode())) > limit:
            told = tr("{count} bytes; the chain takes {limit}.")
            raise NotAValue(told.format(count=wording.number(count), limit=wording.number(limit)))
        return text

    return read


def amount_of(decimals: int) -> Callable[[str], int]:
    """Reads an amount in shown units as base units."""

    def read(text: str) -> int:
        plain = wording.plain_number(text)
        if plain is None:
            told = tr("Enter a number, such as {one} or {other}.")
            one, other = wording.number(1000), wording.decimal(0.5, 1)
            raise NotAValue(told.format(one=one, other=other))
        amount = Decimal(plain).scaleb(decimals)
        if amount != amount.to_integral_value():
            raise NotAValue(tr("Use at most {count} decimal places.").format(count=decimals))
        if amount <= 0:
            raise NotAValue(tr("Enter more than zero."))
        return int(amount)

    return read


def share_of(text: str) -> Decimal:
    """Reads a percentage as a share from 0 to 1."""
    plain = wording.plain_number(text.removesuffix("%").strip())
    if plain is None:
        raise NotAValue(tr("Enter a percentage, such as 10."))
    share = Decimal(plain).scaleb(-2)
    if share > 1:
        raise NotAValue(tr("Enter at most 100."))
    return share


def amount_text(base: int, decimals: int) -> str:
    """1,000.5 of 1000500000 base units with 6 decimals."""
    whole, part = divmod(base, 10**decimals)
    digits = str(part).rjust(decimals, "0").rstrip("0") if part else ""
    return wording.number(whole) + (wording.decimal_point() + digits if digits else "")


def percent_text(share: Decimal) -> str:
    """12.5 of a share of 0.125."""
    digits = format((share * 100).normalize(), "f")
    return digits.replace(".", wording.decimal_point())
