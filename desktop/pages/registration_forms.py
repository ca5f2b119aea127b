# SPDX-License-Identifier: Apache-2.0
"""What is asked before a transaction: fields with the chain's limits, and the wish they make."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from bridge.transactions.wishes import Kind, Wish
from desktop.components.dress import button
from desktop.pages.registration_fields import (
    Field,
    NotAValue,
    amount_of,
    amount_text,
    percent_text,
    share_of,
    text_of,
)
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.cosmos.description import Description
from node_manager.state import NodeStatus

if TYPE_CHECKING:
    from bridge.transactions.operating import Operating
    from bridge.transactions.setup import ValidatorSetup

LOCAL_STAKE = "1000"
PROPOSED = (Decimal("0.1"), Decimal("0.2"), Decimal("0.01"))
"""Commission, its limit and its change a day, as first proposals; the person decides."""

DAY = 86_400


class Form(QWidget):
    """The fields of one kind of change, by the names that the chain's documents give them."""

    def __init__(self, kind: Kind, operating: Operating, status: NodeStatus) -> None:
        super().__init__()
        self.kind, self.operating, self._status = kind, operating, status
        self.fields: dict[str, Field[Any]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._line, self._column = 0, 0
        self._more: list[QWidget] = []
        validator = operating.standing.validator if operating.standing is not None else None
        self._validator = validator
        if not operating.signs_here and validator is None:
            self._wallet_field()
        if kind == "create-validator":
            self._create_fields()
        elif kind == "edit-validator":
            self._edit_fields()
        elif kind == "delegate":
            self._place(self._amount_field(""), wide=True)

    @property
    def wallet(self) -> str:
        """The account that the transaction is for; empty for the localnet's own."""
        field = self.fields.get("walletAddress")
        return self.operating.wallet if field is None else field.edit.text().strip()

    def typed(self) -> dict[str, str]:
        """What stands in the fields."""
        return {name: field.edit.text() for name, field in self.fields.items()}

    def type_again(self, typed: dict[str, str]) -> None:
        """Put back what was typed before."""
        for name, text in typed.items():
            if name in self.fields:
                self.fields[name].edit.setText(text)

    def wish(self) -> Wish | None:
        """What is asked for; None with the faults shown at their fields."""
        told = {name: field.read() for name, field in self.fields.items()}
        wrong = [name for name, value in told.items() if value is None]
        if not wrong and self.kind == "create-validator":
            wrong = self._misfits(told)
        if wrong:
            field = self.fields[wrong[0]]
            field.setVisible(True)
            field.edit.setFocus()
            return None
        return self._wish_of(told)

    def complain(self, name: str, words: str) -> bool:
        """Show a fault at its field; whether there is one of that name."""
        field = self.fields.get(name)
        if field is None:
            return False
        field.setVisible(True)
        field.complain(words)
        field.edit.setFocus()
        return True

    def _wish_of(self, told: dict[str, Any]) -> Wish:
        match self.kind:
            case "create-validator":
                return Wish(
                    "create-validator",
                    profile=_profile(told),
                    amount=told["amount"],
                    commission=told["commissionRate"],
                    max_commission=told["commissionMaxRate"],
                    max_change=told["commissionMaxChangeRate"],
                )
            case "edit-validator":
                rate = told.get("commissionRate")
                now = Decimal(self._validator.commission.rate) if self._validator else None
                changed = None if rate == now else rate
                return Wish("edit-validator", profile=_profile(told), commission=changed)
            case "delegate":
                return Wish("delegate", amount=told["amount"])
            case "withdraw":
                # The chain refuses a whole withdrawal when there is no commission to take.
                earned = self._validator is None or self._validator.commission_earned != "0"
                return Wish("withdraw", with_commission=earned)
            case "unjail":
                return Wish("unjail")

    def _misfits(self, told: dict[str, Any]) -> list[str]:
        rate, limit = told["commissionRate"], told["commissionMaxRate"]
        above = tr("It is above the limit that you set.")
        if rate > limit:
            self.fields["commissionRate"].complain(above)
            return ["commissionRate"]
        if told["commissionMaxChangeRate"] > limit:
            self.fields["commissionMaxChangeRate"].complain(above)
            return ["commissionMaxChangeRate"]
        return []

    def _create_fields(self) -> None:
        operating = self.operating
        stake = LOCAL_STAKE if operating.signs_here else ""
        planned = operating.planned
        moniker = planned.moniker if planned is not None else self._status.moniker
        self._place(self._text("moniker", tr("Name"), 70, moniker, needed=True))
        self._place(self._amount_field(stake))
        least = Decimal(operating.rules.min_commission_rate)
        hint = tr("What you keep of what others earn with you. At least {share} % on this chain.")
        rate, limit, change = (percent_text(share) for share in _rates(planned))
        self._share(
            "commissionRate",
            tr("Commission"),
            rate,
            hint.format(share=percent_text(least)),
            self._at_least(least),
        )
        self._share(
            "commissionMaxRate", tr("Never above"), limit, tr("Final: it cannot be raised later.")
        )
        self._share(
            "commissionMaxChangeRate",
            tr("Change a day at most"),
            change,
            tr("Final, in points of a hundred."),
        )
        self._profile_fields()
        self._fold()

    def _edit_fields(self) -> None:
        validator = self._validator
        known = validator.moniker if validator is not None else self._status.moniker
        self._place(self._text("moniker", tr("Name"), 70, known, needed=True))
        if validator is not None:
            rates = validator.commission
            limit = Decimal(rates.max_rate)
            free, now = rates.updated_at + DAY, time.time()
            hint = tr(
                "Never above {limit} %. By {change} points at most, then not for 24 h."
            ).format(limit=percent_text(limit), change=percent_text(Decimal(rates.max_change_rate)))
            if free > now:
                hint = tr("The chain lets it change once in 24 h: again at {time}.").format(
                    time=wording.clock(free, now)
                )
            least = Decimal(self.operating.rules.min_commission_rate)
            self._share(
                "commissionRate",
                tr("Commission"),
                percent_text(Decimal(rates.rate)),
                hint,
                self._at_least(least, limit),
            )
        self._profile_fields()

    def _profile_fields(self) -> None:
        known = self._validator
        said = known if known is not None else self.operating.planned
        about = said.model_dump(by_alias=True) if said is not None else {}
        for name, shown, limit in (
            ("website", tr("Website"), 140),
            ("securityContact", tr("Security contact"), 140),
            ("identity", tr("Identity, such as a Keybase id"), 3000),
            ("details", tr("About"), 280),
        ):
            field = self._text(name, shown, limit, about.get(name, ""))
            self._more.append(field)
            self._place(field)

    def _fold(self) -> None:
        for field in self._more:
            field.hide()
        more = button(tr("Say more about it"), None, kind="link")
        more.clicked.connect(lambda: self._unfold(more))
        self._place(more, wide=True)
        self._grid.setAlignment(more, Qt.AlignmentFlag.AlignLeft)

    def _unfold(self, more: QWidget) -> None:
        more.hide()
        for field in self._more:
            field.show()
        self._more[0].setFocus()
        window = self.window()
        if (fit := getattr(window, "fit", None)) is not None:
            fit()

    def _wallet_field(self) -> None:
        def read(text: str) -> str:
            if not text:
                raise NotAValue(tr("It is needed."))
            return text

        name = tr("Wallet that operates it")
        hint = tr("Its address on {chain}. It holds the stake and signs the file.")
        value = self.operating.wallet
        field = Field(name, read, value=value, hint=hint.format(chain=self.operating.chain_id))
        self.fields["walletAddress"] = field
        self._place(field, wide=True)

    def _amount_field(self, value: str) -> Field[int]:
        operating = self.operating
        plain = amount_of(operating.decimals)
        balance = None
        if operating.standing is not None and not operating.signs_here:
            balance = int(operating.standing.balance)
        has = ""
        if balance is not None:
            has = tr("Your wallet has {amount} {unit}.").format(
                amount=amount_text(balance, operating.decimals), unit=operating.display_denom
            )

        def read(text: str) -> int:
            base = plain(text)
            if balance is not None and base > balance:
                raise NotAValue(has)
            return base

        hint = tr("From the local network's funded account.") if operating.signs_here else has
        field = Field(tr("You lock"), read, value=value, hint=hint, unit=operating.display_denom)
        self.fields["amount"] = field
        return field

    def _share(
        self,
        name: str,
        shown: str,
        value: str,
        hint: str,
        read: Callable[[str], Decimal] = share_of,
    ) -> None:
        field = Field(shown, read, value=value, hint=hint, unit="%")
        self.fields[name] = field
        self._place(field)

    def _at_least(self, least: Decimal, limit: Decimal | None = None) -> Callable[[str], Decimal]:
        def read(text: str) -> Decimal:
            share = share_of(text)
            if share < least:
                told = tr("The chain takes no less than {share} %.")
                raise NotAValue(told.format(share=percent_text(least)))
            if limit is not None and share > limit:
                told = tr("It was said to be never above {share} %.")
                raise NotAValue(told.format(share=percent_text(limit)))
            return share

        return read

    def _text(
        self, name: str, shown: str, limit: int, value: str, *, needed: bool = False
    ) -> Field[str]:
        field = Field(shown, text_of(limit, needed=needed), value=value)
        self.fields[name] = field
        return field

    def _place(self, field: QWidget, *, wide: bool = False) -> None:
        if wide and self._column:
            self._line, self._column = self._line + 1, 0
        align = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(field, self._line, self._column, 1, 2 if wide else 1, align)
        self._column = 0 if wide else 1 - self._column
        if not self._column:
            self._line += 1


def _rates(planned: ValidatorSetup | None) -> tuple[Decimal, Decimal, Decimal]:
    """Commission, its limit and its change a day."""
    if planned is None:
        return PROPOSED
    rates = planned.commission_rate, planned.commission_max_rate
    return *rates, planned.commission_max_change_rate


def _profile(told: dict[str, Any]) -> Description:
    return Description(
        told["moniker"],
        told["identity"],
        told["website"],
        told["securityContact"],
        told["details"],
    )
