# SPDX-License-Identifier: Apache-2.0
"""How a wallet and its validator stand on chain, read for the portal's pages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Literal

from bridge.orchestrator.api.fields import Body, Moment
from bridge.orchestrator.chain.addresses import consensus_address
from bridge.orchestrator.chain.client import ChainClient, Snapshot
from bridge.orchestrator.chain.messages import b64
from bridge.orchestrator.errors import ChainUnavailable
from node_manager.cosmos.errors import CosmosError, NotFound
from node_manager.cosmos.rest_answers import BONDED, UNBONDING, Coin, SigningInfo, Validator

Status = Literal["active", "leaving", "inactive"]


class RulesBody(Body):
    """The chain's live parameters; times in seconds, shares from 0 to 1 as text.

    `blockSeconds` is measured, null until it is known.
    """

    unbonding_seconds: float
    max_validators: int
    min_commission_rate: str
    signed_blocks_window: int
    may_miss: int
    jail_seconds: float
    slash_downtime: str
    slash_double_sign: str
    block_seconds: float | None = None


class CommissionBody(Body):
    """Shares from 0 to 1 as text; `updatedAt` is Unix seconds."""

    rate: str
    max_rate: str
    max_change_rate: str
    updated_at: float


class SigningBody(Body):
    """Of the last `counted` blocks, at most the window, `missed` were not signed.

    `signedLast` says whether the newest one was, null where the chain does not tell.
    """

    counted: int
    missed: int
    signed_last: bool | None
    jailed_until: float | None
    tombstoned: bool


class HeartbeatSeen(Body):
    """What the app last told; it comes signed by its device."""

    block_height: int
    uptime_seconds: int
    last_seen: Moment


class ValidatorBody(Body):
    """The validator that a wallet operates. Amounts in base units."""

    operator_address: str
    consensus_pubkey: str
    moniker: str
    identity: str
    website: str
    security_contact: str
    details: str
    status: Status
    jailed: bool
    tokens: str
    commission: CommissionBody
    signing: SigningBody | None
    rewards: str
    commission_earned: str
    heartbeat: HeartbeatSeen | None


class StandingBody(Body):
    """GET /api/v1/portal/wallets/{address}; `at` is Unix seconds of the reading."""

    address: str
    operator_address: str
    chain_id: str
    height: int
    at: float
    known: bool
    balance: str
    denom: str
    rules: RulesBody
    validator: ValidatorBody | None


HeartbeatOf = Callable[[str], Awaitable[HeartbeatSeen | None]]
"""The newest heartbeat of a consensus key, base64."""


async def _no_heartbeat(_pubkey: str) -> HeartbeatSeen | None:
    return None


class Standings:
    """Reads wallets and their validators; without `heartbeat_of`, no heartbeats."""

    def __init__(self, chain: ChainClient, heartbeat_of: HeartbeatOf = _no_heartbeat) -> None:
        self._chain = chain
        self._heartbeat_of = heartbeat_of

    @property
    def height(self) -> int:
        """The height of the newest picture of the chain."""
        return self._chain.snapshot.height

    async def read(self, address: str) -> StandingBody:
        """How `address`, an account of this chain, stands now.

        Raises:
            ChainUnavailable: the chain does not answer.
        """
        snapshot = await self._newest()
        if snapshot.staking is None or snapshot.slashing is None:
            raise ChainUnavailable(reason="The chain's parameters are not known.")
        operator = self._chain.addresses.operator(address)
        denom = snapshot.staking.bond_denom
        found = next(
            (one for one in snapshot.by_pubkey.values() if one.operator_address == operator), None
        )
        balances, known, validator = await asyncio.gather(
            self._chain.balances(address),
            self._known(address),
            self._validator(found, address, denom, snapshot),
        )
        return StandingBody(
            address=address,
            operator_address=operator,
            chain_id=snapshot.chain_id,
            height=snapshot.height,
            at=snapshot.at or time.time(),
            known=known,
            balance=_amount(balances, denom),
            denom=denom,
            rules=_rules(snapshot),
            validator=validator,
        )

    async def rules(self) -> RulesBody:
        """The chain's live parameters; raises as `read`."""
        return _rules(await self._newest())

    async def _newest(self) -> Snapshot:
        if not self._chain.configured:
            raise ChainUnavailable(reason="No server of the chain is configured.")
        snapshot = self._chain.snapshot
        if snapshot.at is None or not self._chain.answering:
            snapshot = await self._chain.refresh()
        return snapshot

    async def _known(self, address: str) -> bool:
        """Whether the chain has an account: one that never got anything cannot sign."""
        try:
            await self._chain.rest.account(address)
        except NotFound:
            return False
        except CosmosError as error:
            raise ChainUnavailable(reason=str(error)) from error
        return True

    async def _validator(
        self, found: Validator | None, address: str, denom: str, snapshot: Snapshot
    ) -> ValidatorBody | None:
        if found is None:
            return None
        rest, operator = self._chain.rest, found.operator_address
        try:
            rewards, commission = await asyncio.gather(
                rest.delegation_rewards(address, operator), rest.commission(operator)
            )
        except CosmosError as error:
            raise ChainUnavailable(reason=str(error)) from error
        rates = found.commission.commission_rates
        about = found.description
        consensus = self._chain.addresses.consensus(found.consensus_pubkey.raw)
        return ValidatorBody(
            operator_address=operator,
            consensus_pubkey=found.consensus_pubkey.key,
            moniker=about.moniker,
            identity=about.identity,
            website=about.website,
            security_contact=about.security_contact,
            details=about.details,
            status=_status(found),
            jailed=found.jailed,
            tokens=str(found.tokens),
            commission=CommissionBody(
                rate=f"{rates.rate:f}",
                max_rate=f"{rates.max_rate:f}",
                max_change_rate=f"{rates.max_change_rate:f}",
                updated_at=found.commission.update_time,
            ),
            signing=_signing(snapshot.signing.get(consensus), found, snapshot),
            rewards=_amount(rewards, denom),
            commission_earned=_amount(commission, denom),
            heartbeat=await self._heartbeat_of(found.consensus_pubkey.key),
        )


def _status(found: Validator) -> Status:
    if found.status == BONDED:
        return "active"
    return "leaving" if found.status == UNBONDING else "inactive"


def _signing(
    info: SigningInfo | None, validator: Validator, snapshot: Snapshot
) -> SigningBody | None:
    if info is None or snapshot.slashing is None:
        return None
    voter = b64(consensus_address(validator.consensus_pubkey.raw))
    return SigningBody(
        counted=min(info.index_offset, snapshot.slashing.signed_blocks_window),
        missed=info.missed_blocks_counter,
        signed_last=None if snapshot.voters is None else voter in snapshot.voters,
        jailed_until=info.jailed_until or None,
        tombstoned=info.tombstoned,
    )


def _rules(snapshot: Snapshot) -> RulesBody:
    staking, slashing = snapshot.staking, snapshot.slashing
    if staking is None or slashing is None:
        raise ChainUnavailable(reason="The chain's parameters are not known.")
    return RulesBody(
        unbonding_seconds=staking.unbonding_time,
        max_validators=staking.max_validators,
        min_commission_rate=f"{staking.min_commission_rate:f}",
        signed_blocks_window=slashing.signed_blocks_window,
        may_miss=slashing.may_miss,
        jail_seconds=slashing.downtime_jail_duration,
        slash_downtime=f"{slashing.slash_fraction_downtime:f}",
        slash_double_sign=f"{slashing.slash_fraction_double_sign:f}",
        block_seconds=snapshot.block_seconds,
    )


def _amount(coins: list[Coin], denom: str) -> str:
    """Whole base units of `denom`; rewards have fractions that nobody can withdraw."""
    return str(sum(int(coin.amount) for coin in coins if coin.denom == denom))
