# SPDX-License-Identifier: Apache-2.0
"""Bodies of `/transactions`: what a wallet is asked to sign, and what became of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from bridge.orchestrator.api.fields import (
    Address,
    Asked,
    Body,
    Key32,
    Rate,
    Signature,
    Text,
    WalletKey,
)


def _fits(limit: int) -> AfterValidator:
    """Limits count bytes (cosmos-sdk x/staking/types/validator.go)."""

    def check(text: str) -> str:
        if len(text.encode(errors="replace")) > limit:
            raise ValueError(f"is longer than {limit} bytes")
        return text

    return AfterValidator(check)


Moniker = Annotated[str, Field(min_length=1, max_length=70), Text, _fits(70)]
Identity = Annotated[str, Field(max_length=3000), Text, _fits(3000)]
Website = Annotated[str, Field(max_length=140), Text, _fits(140)]
Contact = Annotated[str, Field(max_length=140), Text, _fits(140)]
Details = Annotated[str, Field(max_length=280), Text, _fits(280)]
Amount = Annotated[int, Field(ge=1, le=10**30)]
Bytes = Annotated[str, Field(min_length=1, max_length=20_000, pattern="^[A-Za-z0-9+/]*={0,2}$")]


class ProfileAsked(Asked):
    """What a validator says of itself."""

    moniker: Moniker
    identity: Identity = ""
    website: Website = ""
    security_contact: Contact = ""
    details: Details = ""


class _Wallet(Asked):
    wallet_address: Address
    pub_key: WalletKey


class CreateAsked(_Wallet):
    """Become a validator; `amount` in base units is the self-delegation."""

    kind: Literal["create-validator"]
    profile: ProfileAsked
    consensus_pubkey: Key32
    commission_rate: Rate
    commission_max_rate: Rate
    commission_max_change_rate: Rate
    amount: Amount


class EditAsked(_Wallet):
    """Change the profile, and with `commissionRate` the commission."""

    kind: Literal["edit-validator"]
    profile: ProfileAsked
    commission_rate: Rate | None = None


class UnjailAsked(_Wallet):
    """Come back after a jail."""

    kind: Literal["unjail"]


class DelegateAsked(_Wallet):
    """Delegate to oneself."""

    kind: Literal["delegate"]
    amount: Amount


class WithdrawAsked(_Wallet):
    """Withdraw rewards, and with `commission` the commission too."""

    kind: Literal["withdraw"]
    commission: bool = True


class TransactionAsked(Asked):
    """POST /transactions."""

    transaction: Annotated[
        CreateAsked | EditAsked | UnjailAsked | DelegateAsked | WithdrawAsked,
        Field(discriminator="kind"),
    ]


class SignDocBody(Body):
    """For the wallet's `signDirect`; bytes as base64, the number as text."""

    body_bytes: str
    auth_info_bytes: str
    chain_id: str
    account_number: str


class TransactionBody(Body):
    """An unsigned transaction."""

    sign_doc: SignDocBody
    json_document: dict[str, Any] = Field(description="The same, to be read by a person.")
    in_words: list[str]
    fee_amount: str
    fee_denom: str
    gas_limit: int
    gas_price: Decimal


class BroadcastAsked(Asked):
    """POST /transactions/broadcast: what the wallet signed, as it returned it."""

    body_bytes: Bytes
    auth_info_bytes: Bytes
    signature: Signature


class BroadcastBody(Body):
    """The network has the transaction; it is not in a block yet."""

    tx_hash: str


class TxBody(Body):
    """GET /transactions/{hash}."""

    state: Literal["pending", "included", "failed"]
    height: int | None
    code: int
    reason: str
