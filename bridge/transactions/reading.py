# SPDX-License-Identifier: Apache-2.0
"""What a transaction file does, read from the very document that is sent.

Form: JSON of cosmos.tx.v1beta1.Tx; amounts in base units, rates as decimal text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_KINDS = {
    "/cosmos.staking.v1beta1.MsgCreateValidator": "create-validator",
    "/cosmos.staking.v1beta1.MsgEditValidator": "edit-validator",
    "/cosmos.slashing.v1beta1.MsgUnjail": "unjail",
    "/cosmos.staking.v1beta1.MsgDelegate": "delegate",
    "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward": "withdraw-rewards",
    "/cosmos.distribution.v1beta1.MsgWithdrawValidatorCommission": "withdraw-commission",
}
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Deed:
    """One message of a transaction; what its kind does not have is empty.

    Attributes:
        kind: "create-validator", "edit-validator", "unjail", "delegate", "withdraw-rewards",
            "withdraw-commission", or "other" for what is not known here.
        type_name: its type in full.
        operator: the validator's operator address.
        amount: base units that leave the wallet.
        commission: shares from 0 to 1, with the two final limits of a new validator.
    """

    kind: str
    type_name: str
    operator: str = ""
    moniker: str = ""
    website: str = ""
    details: str = ""
    amount: int | None = None
    denom: str = ""
    commission: Decimal | None = None
    max_commission: Decimal | None = None
    max_change: Decimal | None = None
    consensus_pubkey: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole transaction.

    Attributes:
        fee: base units that the wallet pays at most, None where the file names none.
        text: the document as JSON, for a person to read.
        signed: whether it has a signature; whether that fits, the chain says.
    """

    deeds: tuple[Deed, ...]
    fee: int | None
    fee_denom: str
    gas: int | None
    memo: str
    text: str
    signed: bool


def read_transaction(document: dict[str, Any]) -> Reading:
    """What `document` does.

    Raises:
        ValueError: it has not the form of a transaction.
    """
    try:
        body, auth = document["body"], document["auth_info"]
        deeds = tuple(_deed(message) for message in body["messages"])
        coins = auth["fee"]["amount"]
        fee = _whole(coins[0]["amount"]) if coins else None
        return Reading(
            deeds=deeds,
            fee=fee,
            fee_denom=str(coins[0]["denom"]) if coins else "",
            gas=_whole(auth["fee"].get("gas_limit")),
            memo=str(body.get("memo") or ""),
            text=json.dumps(document, indent=1, ensure_ascii=False),
            signed=bool(document.get("signatures")),
        )
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError("It has not the form of a transaction.") from error


def _deed(message: dict[str, Any]) -> Deed:
    type_name = str(message["@type"])
    about = message.get("description") or {}
    rates = message.get("commission") or {}
    if not isinstance(rates, dict):
        rates = {}
    coin = message.get("value") or message.get("amount") or {}
    if not isinstance(coin, dict):
        coin = {}
    return Deed(
        kind=_KINDS.get(type_name, OTHER),
        type_name=type_name,
        operator=str(message.get("validator_address") or message.get("validator_addr") or ""),
        moniker=str(about.get("moniker") or ""),
        website=str(about.get("website") or ""),
        details=str(about.get("details") or ""),
        amount=_whole(coin.get("amount")),
        denom=str(coin.get("denom") or ""),
        commission=_share(rates.get("rate") or message.get("commission_rate")),
        max_commission=_share(rates.get("max_rate")),
        max_change=_share(rates.get("max_change_rate")),
        consensus_pubkey=str((message.get("pubkey") or {}).get("key") or ""),
    )


def _whole(text: Any) -> int | None:
    return None if text in (None, "") else int(text)


def _share(text: Any) -> Decimal | None:
    return None if text in (None, "") else Decimal(str(text))
