# SPDX-License-Identifier: Apache-2.0
"""What a person wants of the chain for their validator, and its check against the chain's limits.

Shared by the command line and the window; the wallet that signs is elsewhere.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal

from node_manager.cosmos.description import Description
from node_manager.explanation import OneClickError

if TYPE_CHECKING:
    from bridge.orchestrator.chain.building import Wanted

SOME_KEY = "Anm+Zn753LusVaBilc6HCwcCm/zbLc4o2VnygVsW+BeY"
"""A wallet's key where none is known, base64: secp256k1's base point. A simulation looks at no
signature, and who signs the file names their own."""

Kind = Literal["create-validator", "edit-validator", "unjail", "delegate", "withdraw"]


class ValueNotAllowed(OneClickError):
    """A value cannot be taken; `field` names it as the chain's documents do, where one is named."""

    code = "tx-value-not-allowed"
    what = "The transaction was not made."
    why = "{reason}"
    todo = "Correct the value. Nothing was sent."


@dataclass(frozen=True, slots=True)
class Wish:
    """One change on chain. What does not belong to its kind stays None.

    Attributes:
        amount: base units that are locked.
        commission: shares from 0 to 1; None leaves it as it is.
        max_commission: final with the creation.
        max_change: a day, final with the creation.
        with_commission: whether a withdrawal takes the commission too.
    """

    kind: Kind
    profile: Description | None = None
    amount: int | None = None
    commission: Decimal | None = None
    max_commission: Decimal | None = None
    max_change: Decimal | None = None
    with_commission: bool = True


def wanted(wish: Wish, wallet: str, consensus_pubkey: str) -> Wanted:
    """`wish` of the account `wallet`, every limit of a field checked.

    Raises:
        ValueNotAllowed: a value does not fit, and which.
    """
    from pydantic import ValidationError

    from bridge.orchestrator.api.transaction_models import TransactionAsked

    asked = {"transaction": _fields(wish, wallet, consensus_pubkey)}
    try:
        return TransactionAsked.model_validate(asked).transaction
    except ValidationError as error:
        fault = error.errors()[0]
        name = str(fault["loc"][-1])
        told = fault["msg"].removeprefix("Value error, ")
        raise ValueNotAllowed(field=name, reason=f"{name}: {told}") from error


def _fields(wish: Wish, wallet: str, consensus_pubkey: str) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "kind": wish.kind,
        "wallet_address": wallet,
        "pub_key": SOME_KEY,
    }
    profile = asdict(wish.profile) if wish.profile is not None else None
    match wish.kind:
        case "create-validator":
            fields |= {
                "profile": profile,
                "consensus_pubkey": consensus_pubkey,
                "commission_rate": wish.commission,
                "commission_max_rate": wish.max_commission,
                "commission_max_change_rate": wish.max_change,
                "amount": wish.amount,
            }
        case "edit-validator":
            fields |= {"profile": profile, "commission_rate": wish.commission}
        case "delegate":
            fields["amount"] = wish.amount
        case "withdraw":
            fields["commission"] = wish.with_commission
    return fields


def share_of(text: str) -> Decimal:
    """The share from 0 to 1 of a percentage such as "12.5" or "12.5 %".

    Raises:
        ValueNotAllowed: it is none.
    """
    try:
        share = Decimal(text.strip().removesuffix("%").strip()) / 100
    except InvalidOperation as error:
        raise ValueNotAllowed(reason=f"{text} is not a percentage.") from error
    if not share.is_finite() or not 0 <= share <= 1:
        raise ValueNotAllowed(reason=f"{text} is not a percentage from 0 to 100.")
    return share


def base_units(text: str, decimals: int) -> int:
    """Base units of an amount in shown units, such as "1,000.5".

    Raises:
        ValueNotAllowed: it is no amount above zero with at most `decimals` decimals.
    """
    try:
        amount = Decimal(text.replace(",", "").strip())
    except InvalidOperation as error:
        raise ValueNotAllowed(reason=f"{text} is not an amount.") from error
    reason = f"{text} is not an amount of at most {decimals} decimals."
    if not amount.is_finite() or abs(amount.adjusted()) > 40:
        raise ValueNotAllowed(reason=reason)
    base = amount.scaleb(decimals)
    if base != base.to_integral_value() or base <= 0:
        raise ValueNotAllowed(reason=reason)
    return int(base)
