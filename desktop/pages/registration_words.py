# SPDX-License-Identifier: Apache-2.0
"""What a transaction does in plain words, read from the document that is signed or sent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from desktop.pages.registration_fields import amount_text, percent_text
from desktop.words import wording
from desktop.words.translation import tr

if TYPE_CHECKING:
    from bridge.transactions.operating import Operating
    from bridge.transactions.reading import Deed, Reading

UNCHANGED = "[do-not-modify]"
"""A part of a profile that an edit leaves as it is (cosmos-sdk x/staking)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the review; `tone` "bad" for what should not be sent unread."""

    name: str
    value: str
    note: str = ""
    tone: str = ""


def review_rows(reading: Reading, operating: Operating, own_key: str) -> list[Row]:
    """All that the transaction does and costs; `own_key` is this validator's, base64."""
    rows = [row for deed in reading.deeds for row in _deed_rows(deed, operating, own_key)]
    if reading.memo:
        rows.append(Row(tr("Memo"), reading.memo))
    return [*rows, _fee_row(reading, operating), *_balance_rows(reading, operating)]


def _deed_rows(deed: Deed, operating: Operating, own_key: str) -> list[Row]:
    wait = wording.duration(operating.rules.unbonding_seconds)
    match deed.kind:
        case "create-validator":
            return [
                Row(tr("You make"), tr("The validator {name}").format(name=deed.moniker)),
                Row(
                    tr("You lock"),
                    _coins(deed.amount, deed.denom, operating),
                    tr("To get it back you wait {time} after leaving.").format(time=wait),
                ),
                _commission_row(deed),
                _key_row(deed.consensus_pubkey, own_key),
            ]
        case "edit-validator":
            said = (text for text in (deed.website, deed.details) if text != UNCHANGED)
            rows = [Row(tr("New profile"), deed.moniker, " · ".join(filter(None, said)))]
            if deed.commission is not None:
                asked = tr("{share} % commission").format(share=percent_text(deed.commission))
                later = tr("It cannot be changed again for 24 h.")
                rows.append(Row(tr("You ask"), asked, later))
            return rows
        case "unjail":
            note = tr(
                "It signs again with the next blocks. Its node has to be in step by then, or it is"
                " jailed and slashed again."
            )
            return [Row(tr("You ask"), tr("Leave the jail"), note)]
        case "delegate":
            more = tr("More with {operator}. To get it back you wait {time}.")
            return [
                Row(
                    tr("You lock"),
                    _coins(deed.amount, deed.denom, operating),
                    more.format(operator=deed.operator, time=wait),
                )
            ]
        case "withdraw-rewards":
            return [_earned_row(operating, tr("The rewards of your stake until then."), "rewards")]
        case "withdraw-commission":
            note = tr("The commission until then.")
            return [_earned_row(operating, note, "commission_earned")]
        case _:
            return [
                Row(
                    tr("It does"),
                    deed.type_name,
                    tr("This app does not know it. Read the exact message."),
                    "bad",
                )
            ]


def _commission_row(deed: Deed) -> Row:
    if deed.commission is None or deed.max_commission is None or deed.max_change is None:
        return Row(tr("You ask"), tr("unknown"), tr("The file names no commission."), "bad")
    note = tr(
        "Of what others earn with you. Never above {limit} %, changed by at most {change} points"
        " a day; these two limits are final."
    ).format(limit=percent_text(deed.max_commission), change=percent_text(deed.max_change))
    asked = tr("{share} % commission").format(share=percent_text(deed.commission))
    return Row(tr("You ask"), asked, note)


def _key_row(pubkey: str, own_key: str) -> Row:
    name = tr("It signs with")
    if pubkey == own_key:
        return Row(name, pubkey, tr("The key of this validator. It is the same."))
    return Row(name, pubkey, tr("This is another key than this validator's."), "bad")


def _earned_row(operating: Operating, note: str, name: str) -> Row:
    validator = operating.standing.validator if operating.standing is not None else None
    earned = getattr(validator, name) if validator is not None else None
    value = tr("unknown") if earned is None else _coins(int(earned), "", operating)
    return Row(tr("You get"), value, note)


def _fee_row(reading: Reading, operating: Operating) -> Row:
    if reading.fee is None or reading.gas is None:
        return Row(tr("You pay"), tr("No fee"), tr("The chain may refuse it for that."))
    note = tr("Fee, at most, for {gas} gas.").format(gas=wording.number(reading.gas))
    return Row(tr("You pay"), _coins(reading.fee, reading.fee_denom, operating), note)


def _balance_rows(reading: Reading, operating: Operating) -> list[Row]:
    if operating.standing is None:
        return []
    denom = operating.standing.denom
    spent = sum(deed.amount or 0 for deed in reading.deeds if deed.denom == denom)
    spent += reading.fee if reading.fee is not None and reading.fee_denom == denom else 0
    balance = int(operating.standing.balance)
    now = tr("{amount} now, as the chain says in block {height}.").format(
        amount=_coins(balance, denom, operating), height=wording.number(operating.standing.height)
    )
    if balance < spent:
        return [Row(tr("Your wallet"), tr("not enough"), now, "bad")]
    return [Row(tr("Your wallet"), _coins(balance - spent, denom, operating), now)]


def risk_words(reading: Reading, operating: Operating) -> str:
    """What a new validator can lose, by the chain's live parameters; empty for other changes."""
    made = next((deed for deed in reading.deeds if deed.kind == "create-validator"), None)
    if made is None:
        return ""
    rules = operating.rules
    return tr(
        "Signing twice with this key costs {double} % of the stake and the validator for good."
        " Missing {missed} of {window} blocks costs {downtime} % and a jail of at least {jail}."
    ).format(
        double=percent_text(Decimal(rules.slash_double_sign)),
        missed=wording.number(rules.may_miss + 1),
        window=wording.number(rules.signed_blocks_window),
        downtime=percent_text(Decimal(rules.slash_downtime)),
        jail=wording.duration(rules.jail_seconds),
    )


def _coins(base: int | None, denom: str, operating: Operating) -> str:
    """Amounts of the staking token in its shown unit, of others in their base unit."""
    if base is None:
        return tr("unknown")
    if denom in ("", operating.denom):
        return f"{amount_text(base, operating.decimals)} {operating.display_denom}"
    return f"{wording.number(base)} {denom}"
