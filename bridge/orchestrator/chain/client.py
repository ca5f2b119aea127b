# SPDX-License-Identifier: Apache-2.0
"""The chain, read by the orchestrator: a picture of all validators that is renewed by height."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar

import structlog

from bridge.orchestrator.chain.addresses import Addresses
from bridge.orchestrator.errors import ChainRefused, ChainUnavailable
from node_manager.cosmos.errors import CosmosError, NotFound
from node_manager.cosmos.rest import Rest
from node_manager.cosmos.rest_answers import (
    Account,
    Coin,
    LatestBlock,
    SigningInfo,
    SlashingParams,
    StakingParams,
    Validator,
)

T = TypeVar("T")

log = structlog.get_logger(__name__)

REFRESH_SECONDS = 5.0
PACE_BLOCKS = 5
"""Fewer say too little of how long a block takes."""


@dataclass(frozen=True, slots=True)
class ChainAddress:
    """Where and what the chain is.

    Attributes:
        min_gas_price: of the profile, in base units a gas; the live one wins.
    """

    chain_id: str
    bech32_prefix: str
    denom: str = ""
    min_gas_price: Decimal | None = None
    rest_urls: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the chain said last; empty before the first answer.

    Attributes:
        by_pubkey: validators by the base64 of their consensus key.
        voters: who signed the last block, as `LatestBlock` tells it.
        block_seconds: from block to block while it was read, None before enough of them.
        at: Unix time of the reading, None for never.
        block_time: Unix time of the block, by which a server that is behind gives itself away.
    """

    height: int = 0
    chain_id: str = ""
    by_pubkey: Mapping[str, Validator] = field(default_factory=dict)
    signing: Mapping[str, SigningInfo] = field(default_factory=dict)
    slashing: SlashingParams | None = None
    staking: StakingParams | None = None
    voters: frozenset[str] | None = None
    block_seconds: float | None = None
    at: float | None = None
    block_time: float = 0.0


class ChainClient:
    """Reads the chain through the REST servers of its profile, in the background."""

    def __init__(self, address: ChainAddress) -> None:
        self.address = address
        self.addresses = Addresses(address.bech32_prefix)
        self.rest = Rest(list(address.rest_urls))
        self._snapshot = Snapshot()
        self._first: LatestBlock | None = None
        self._task: asyncio.Task[None] | None = None
        self._failing = False

    @property
    def configured(self) -> bool:
        """Whether there is a server to ask."""
        return bool(self.address.rest_urls)

    @property
    def snapshot(self) -> Snapshot:
        """The newest picture."""
        return self._snapshot

    @property
    def answering(self) -> bool:
        """Whether the last reading worked and is not old."""
        at = self._snapshot.at
        return not self._failing and at is not None and time.time() - at < 6 * REFRESH_SECONDS

    def start(self) -> None:
        """Begin to read."""
        if self.configured and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="chain reader")

    async def stop(self) -> None:
        """End."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self.rest.close()

    async def refresh(self) -> Snapshot:
        """Read the chain now, unless it has not moved on.

        Raises:
            ChainUnavailable: no server answers, or it serves another chain.
        """
        try:
            block = await self.rest.latest_block()
            wanted = self.address.chain_id
            if wanted and block.chain_id != wanted:
                raise ChainUnavailable(reason=f"The server serves {block.chain_id}, not {wanted}.")
            if self._first is None or block.height < self._first.height:
                self._first = block
            if block.height != self._snapshot.height:
                self._snapshot = await self._read(block)
            else:
                self._snapshot = _seen_again(self._snapshot)
        except CosmosError as error:
            raise ChainUnavailable(reason=str(error)) from error
        return self._snapshot

    async def account(self, address: str) -> Account:
        """Number and sequence of an account.

        Raises:
            ChainRefused: the chain has never seen it.
            ChainUnavailable: no server answers.
        """
        try:
            return await self.rest.account(address)
        except NotFound as error:
            raise ChainRefused(
                reason=f"The wallet {address} has never received anything, so it cannot pay."
            ) from error
        except CosmosError as error:
            raise ChainUnavailable(reason=str(error)) from error

    async def balances(self, address: str) -> list[Coin]:
        """What an account has; raises as `refresh`."""
        return await self._asked(self.rest.balances(address))

    async def gas_price(self) -> Decimal:
        """Base units a gas: the chain's live price, the server's minimum, or the profile's.

        Raises:
            ChainUnavailable: none of them is known.
        """
        fee = await self._asked(self.rest.base_fee())
        if fee is not None:
            return fee.effective_gas_price or fee.min_gas_price or fee.base_fee
        config = await self._asked(self.rest.node_config())
        told = config.minimum_gas_price.removesuffix(self.address.denom)
        if told and told.replace(".", "", 1).isdigit():
            return max(Decimal(told), self.address.min_gas_price or Decimal(0))
        if self.address.min_gas_price is None:
            raise ChainUnavailable(reason="The least gas price is not known.")
        return self.address.min_gas_price

    async def _asked(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except CosmosError as error:
            raise ChainUnavailable(reason=str(error)) from error

    async def _read(self, block: LatestBlock) -> Snapshot:
        validators, signing, slashing, staking = await asyncio.gather(
            self.rest.validators(),
            self.rest.signing_infos(),
            self.rest.slashing_params(),
            self.rest.staking_params(),
        )
        return Snapshot(
            height=block.height,
            chain_id=block.chain_id,
            by_pubkey={one.consensus_pubkey.key: one for one in validators},
            signing={one.address: one for one in signing},
            slashing=slashing,
            staking=staking,
            voters=block.voters,
            block_seconds=_pace(self._first or block, block),
            at=time.time(),
            block_time=block.time,
        )

    async def _run(self) -> None:
        while True:
            try:
                await self.refresh()
                self._failing = False
            except ChainUnavailable as error:
                if not self._failing:
                    log.info("chain does not answer", reason=str(error))
                self._failing = True
            await asyncio.sleep(REFRESH_SECONDS)


def _pace(first: LatestBlock, last: LatestBlock) -> float | None:
    blocks = last.height - first.height
    return (last.time - first.time) / blocks if blocks >= PACE_BLOCKS else None


def _seen_again(known: Snapshot) -> Snapshot:
    return replace(known, at=time.time())
