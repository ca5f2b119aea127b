# SPDX-License-Identifier: Apache-2.0
"""How the chain sees one validator, each figure with its source and age."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from node_manager.cosmos import errors
from node_manager.cosmos.encoding import from_bech32, to_bech32
from node_manager.cosmos.rest import Rest
from node_manager.cosmos.rest_answers import (
    BONDED,
    UNBONDED,
    UNBONDING,
    Coin,
    SigningInfo,
    SlashingParams,
    StakingParams,
    Validator,
)
from node_manager.figures import Figure, read, unknown
from node_manager.keys.consensus import ConsensusPublicKey
from node_manager.state import ChainStanding

T = TypeVar("T")

SOURCE = "chain"
STANDING_SECONDS = 30.0
"""Seconds between two readings: what it shows changes by transactions, not by blocks."""

STATUS_WORDS = {BONDED: "active", UNBONDING: "unbonding", UNBONDED: "inactive"}
NOT_REGISTERED = "The chain has no validator with this key."
NEVER_SIGNED = "The chain has not seen this validator sign yet."


class StandingReader:
    """Reads the standing of one consensus key; remembers the operator it once found."""

    def __init__(
        self,
        rest: Rest,
        pubkey: bytes,
        prefix: str,
        *,
        consensus_prefix: str = "",
        period: float = STANDING_SECONDS,
    ) -> None:
        """Prepare to read.

        Args:
            rest: stays its owner's to close.
            pubkey: the 32 bytes of the ed25519 key.
            prefix: of account addresses.
            consensus_prefix: of consensus addresses, where it is not `<prefix>valcons`.
            period: seconds between two readings.
        """
        key = ConsensusPublicKey(pubkey)
        self._rest = rest
        self._pubkey = key.base64
        self._consensus = to_bech32(consensus_prefix or f"{prefix}valcons", key.address_bytes)
        self._prefix = prefix
        self._period = period
        self._operator = ""

    async def read(self) -> ChainStanding:
        """The standing now. What one request could not tell reads unknown, with the reason."""
        try:
            bonded = await self._rest.validators(BONDED)
            mine = await self._find(bonded)
        except errors.CosmosError as error:
            return self._nothing(str(error))
        standing = self._of_set(ChainStanding(), bonded, mine)
        params = await self._try(self._rest.staking_params())
        standing = self._of_params(standing, params)
        if mine is None:
            return replace(standing, registered=self._told(False))
        standing = self._of_validator(standing, mine)
        standing = replace(standing, voting_power=await self._power())
        standing = self._of_signing(
            standing,
            await self._try(self._rest.slashing_params()),
            await self._try(self._rest.signing_info(self._consensus), missing=NEVER_SIGNED),
        )
        return await self._of_rewards(standing, params, mine)

    async def _find(self, bonded: list[Validator]) -> Validator | None:
        if (mine := self._among(bonded)) is not None:
            return mine
        if self._operator:
            try:
                known = await self._rest.validator(self._operator)
            except errors.NotFound:
                self._operator = ""
            else:
                return known
        for status in (UNBONDING, UNBONDED):
            if (mine := self._among(await self._rest.validators(status))) is not None:
                return mine
        return None

    def _among(self, validators: list[Validator]) -> Validator | None:
        for validator in validators:
            if validator.consensus_pubkey.key == self._pubkey:
                self._operator = validator.operator_address
                return validator
        return None

    def _of_set(
        self, standing: ChainStanding, bonded: list[Validator], mine: Validator | None
    ) -> ChainStanding:
        rank: Figure[int] = unknown(NOT_REGISTERED, SOURCE)
        if mine is not None:
            rank = unknown("It is not among the active validators.", SOURCE)
            if mine.status == BONDED:
                # The staking module breaks ties by operator address; power comes first.
                ordered = sorted(bonded, key=lambda v: (-v.tokens, v.operator_address))
                rank = self._told(
                    1 + [v.operator_address for v in ordered].index(mine.operator_address)
                )
        return replace(standing, active_validators=self._told(len(bonded)), rank=rank)

    def _of_params(self, standing: ChainStanding, params: StakingParams | str) -> ChainStanding:
        if isinstance(params, str):
            return replace(
                standing,
                max_validators=unknown(params, SOURCE),
                unbonding_seconds=unknown(params, SOURCE),
            )
        return replace(
            standing,
            max_validators=self._told(params.max_validators),
            unbonding_seconds=self._told(params.unbonding_time),
        )

    def _of_validator(self, standing: ChainStanding, mine: Validator) -> ChainStanding:
        return replace(
            standing,
            registered=self._told(True),
            jailed=self._told(mine.jailed),
            status=self._told(STATUS_WORDS.get(mine.status, mine.status)),
            tokens=self._told(mine.tokens),
            commission=self._told(float(mine.commission.commission_rates.rate)),
            operator=self._told(mine.operator_address),
            moniker=self._told(mine.description.moniker),
        )

    async def _power(self) -> Figure[int]:
        members = await self._try(self._rest.active_set())
        if isinstance(members, str):
            return unknown(members, SOURCE)
        power = [m.voting_power for m in members if m.pub_key.key == self._pubkey]
        return self._told(power[0] if power else 0)

    def _of_signing(
        self,
        standing: ChainStanding,
        params: SlashingParams | str,
        info: SigningInfo | str,
    ) -> ChainStanding:
        if isinstance(params, str):
            standing = replace(
                standing, window=unknown(params, SOURCE), may_miss=unknown(params, SOURCE)
            )
        else:
            standing = replace(standing, window=self._told(params.signed_blocks_window))
        if isinstance(info, str):
            return replace(
                standing,
                missed=unknown(info, SOURCE),
                may_miss=unknown(info, SOURCE),
                jailed_until=unknown(info, SOURCE),
                tombstoned=unknown(info, SOURCE),
            )
        if not isinstance(params, str):
            left = max(0, params.may_miss - info.missed_blocks_counter)
            standing = replace(standing, may_miss=self._told(left))
        never: Figure[float] = unknown("It was never jailed.", SOURCE)
        return replace(
            standing,
            missed=self._told(info.missed_blocks_counter),
            tombstoned=self._told(info.tombstoned),
            jailed_until=self._told(info.jailed_until) if info.jailed_until else never,
        )

    async def _of_rewards(
        self, standing: ChainStanding, params: StakingParams | str, mine: Validator
    ) -> ChainStanding:
        operator = mine.operator_address
        account = to_bech32(self._prefix, from_bech32(operator)[1])
        if isinstance(params, str):
            return replace(
                standing,
                rewards=unknown(params, SOURCE),
                rewards_commission=unknown(params, SOURCE),
            )
        return replace(
            standing,
            rewards=self._sum(
                await self._try(self._rest.delegation_rewards(account, operator)),
                params.bond_denom,
            ),
            rewards_commission=self._sum(
                await self._try(self._rest.commission(operator)), params.bond_denom
            ),
        )

    def _sum(self, coins: list[Coin] | str, denom: str) -> Figure[float]:
        if isinstance(coins, str):
            return unknown(coins, SOURCE)
        amount = sum((coin.amount for coin in coins if coin.denom == denom), Decimal(0))
        return self._told(float(amount))

    async def _try(self, request: Awaitable[T], *, missing: str = "") -> T | str:
        """The answer, or in words why there is none."""
        try:
            return await request
        except errors.NotFound as error:
            return missing or str(error)
        except errors.CosmosError as error:
            return str(error)

    def _told(self, value: T) -> Figure[T]:
        return read(value, SOURCE, period=self._period)

    def _nothing(self, why: str) -> ChainStanding:
        return ChainStanding(
            **{name: unknown(why, SOURCE) for name in ChainStanding.__dataclass_fields__}
        )
