# SPDX-License-Identifier: Apache-2.0
"""From what a person wants to what their wallet signs: account read, gas simulated, fee counted."""

from __future__ import annotations

import asyncio
import base64
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bridge.orchestrator.api.transaction_models import (
    CreateAsked,
    DelegateAsked,
    EditAsked,
    ProfileAsked,
    UnjailAsked,
    WithdrawAsked,
)
from bridge.orchestrator.chain import messages
from bridge.orchestrator.chain.broadcasting import Broadcaster
from bridge.orchestrator.chain.client import ChainClient
from bridge.orchestrator.chain.messages import Fee, SignDoc, Signer
from bridge.orchestrator.errors import ChainRefused, ChainUnavailable
from bridge.web.errors import Invalid
from node_manager.cosmos.description import Description

GAS_MARGIN = 1.4
"""A simulation reads about a tenth too low (measured); unused gas is not given back."""
GAS_EXTRA = 30_000
"""Rewards that come after the simulation are paid out too (measured: 74k simulated, 105k used)."""

Wanted = CreateAsked | EditAsked | UnjailAsked | DelegateAsked | WithdrawAsked


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A transaction ready to be signed."""

    doc: SignDoc
    fee: Fee
    gas_price: Decimal
    in_words: tuple[str, ...]


class Builder:
    """Builds transactions for the chain of a ChainClient."""

    def __init__(self, chain: ChainClient) -> None:
        self._chain = chain
        self._broadcaster = Broadcaster(chain.rest)

    async def build(self, wanted: Wanted) -> Unsigned:
        """The transaction for what is wanted.

        Raises:
            Invalid: a value does not fit the chain or the wallet.
            ChainRefused: the simulation says that it would fail.
            ChainUnavailable: the chain does not answer.
        """
        pubkey = base64.b64decode(wanted.pub_key)
        if self._chain.addresses.of_wallet_key(pubkey) != wanted.wallet_address:
            raise _wrong("pubKey", "is not the key of this wallet")
        return await self.build_for_any(wanted)

    async def build_for_any(self, wanted: Wanted) -> Unsigned:
        """As `build`, whosever key it is: a file is signed elsewhere, its signer names the key."""
        snapshot = self._chain.snapshot
        if snapshot.at is None:
            snapshot = await self._chain.refresh()
        if snapshot.staking is None:
            raise ChainUnavailable(reason="The staking parameters are not known.")
        denom, least = snapshot.staking.bond_denom, snapshot.staking.min_commission_rate
        if isinstance(wanted, CreateAsked):
            _check_rates(wanted, least)
        operator = self._chain.addresses.operator(wanted.wallet_address)
        account, price, coins = await asyncio.gather(
            self._chain.account(wanted.wallet_address),
            self._chain.gas_price(),
            self._chain.balances(wanted.wallet_address),
        )
        signer = Signer(base64.b64decode(wanted.pub_key), account.account_number, account.sequence)
        # The first import of the protos takes a good part of a second.
        wishes = await asyncio.to_thread(_messages, wanted, operator, denom)
        used = await self._broadcaster.simulate(messages.simulation(wishes, signer))
        gas = math.ceil(used * GAS_MARGIN) + GAS_EXTRA
        fee = Fee(denom, math.ceil(gas * price), gas)
        _check_funds(wanted, fee, sum(int(coin.amount) for coin in coins if coin.denom == denom))
        doc = messages.sign_doc(wishes, signer, fee, snapshot.chain_id)
        return Unsigned(doc, fee, price, tuple(_words(wanted, denom)))


def _messages(wanted: Wanted, operator: str, denom: str) -> list[Any]:
    match wanted:
        case CreateAsked():
            rates = (
                wanted.commission_rate,
                wanted.commission_max_rate,
                wanted.commission_max_change_rate,
            )
            key = base64.b64decode(wanted.consensus_pubkey)
            profile = _description(wanted.profile)
            return [messages.create_validator(profile, rates, operator, key, denom, wanted.amount)]
        case EditAsked():
            return [
                messages.edit_validator(
                    _description(wanted.profile), operator, wanted.commission_rate
                )
            ]
        case UnjailAsked():
            return [messages.unjail(operator)]
        case DelegateAsked():
            return [messages.delegate(wanted.wallet_address, operator, denom, wanted.amount)]
        case WithdrawAsked():
            return messages.withdraw(wanted.wallet_address, operator, commission=wanted.commission)


def _description(asked: ProfileAsked) -> Description:
    return Description(
        asked.moniker, asked.identity, asked.website, asked.security_contact, asked.details
    )


def _check_rates(wanted: CreateAsked, least: Decimal) -> None:
    if wanted.commission_rate < least:
        raise _wrong("commissionRate", f"is below the least of the chain, {least.normalize():f}")
    if wanted.commission_rate > wanted.commission_max_rate:
        raise _wrong("commissionRate", "is above commissionMaxRate")
    if wanted.commission_max_change_rate > wanted.commission_max_rate:
        raise _wrong("commissionMaxChangeRate", "is above commissionMaxRate")


def _check_funds(wanted: Wanted, fee: Fee, balance: int) -> None:
    """A simulation charges nothing: whether the fee can be paid shows only after the signature."""
    amount = wanted.amount if isinstance(wanted, CreateAsked | DelegateAsked) else 0
    if amount + fee.amount <= balance:
        return
    pays = f"the fee is up to {fee.amount:,} {fee.denom}, the wallet has {balance:,}"
    if amount:
        raise _wrong("amount", f"leaves too little for the fee: {pays}")
    raise ChainRefused(reason=f"The wallet cannot pay: {pays}.")


def _wrong(name: str, text: str) -> Invalid:
    return Invalid(reason=f"{name}: {text}", faults=((name, text),))


def _words(wanted: Wanted, denom: str) -> list[str]:
    match wanted:
        case CreateAsked():
            return [
                f"Make {wanted.profile.moniker} a validator.",
                f"Lock {wanted.amount:,} {denom} as self-delegation.",
                f"Charge {_percent(wanted.commission_rate)} commission, never more than "
                f"{_percent(wanted.commission_max_rate)}, changed by at most "
                f"{_percent(wanted.commission_max_change_rate)} a day.",
            ]
        case EditAsked():
            lines = [f"Change the profile of {wanted.profile.moniker}."]
            if wanted.commission_rate is not None:
                lines.append(f"Charge {_percent(wanted.commission_rate)} commission.")
            return lines
        case UnjailAsked():
            return ["Bring the validator back from jail."]
        case DelegateAsked():
            return [f"Lock {wanted.amount:,} {denom} more as self-delegation."]
        case WithdrawAsked():
            what = "rewards and commission" if wanted.commission else "rewards"
            return [f"Withdraw the {what} to this wallet."]


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f} %"
