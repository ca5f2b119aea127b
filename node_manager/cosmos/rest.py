# SPDX-License-Identifier: Apache-2.0
"""The chain's REST gateway, typed; several servers, one after the other until one answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import structlog
from pydantic import BaseModel, ValidationError

from node_manager.closing import AsyncClosing
from node_manager.cosmos import errors
from node_manager.cosmos import rest_answers as answers
from node_manager.cosmos.asking import JsonServer
from node_manager.cosmos.upgrades import UpgradePlan
from node_manager.cosmos.web import ANSWER_SECONDS, normal_url

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer", bound=BaseModel)

PAGE = "200"
NOT_FOUND, NOT_IMPLEMENTED = 5, 12
"""gRPC codes as the gateway hands them on."""


class Rest(AsyncClosing):
    """The REST servers of one chain.

    Every call raises NoAnswer when none answers, NotFound, NotOffered, Refused or
    AnswerNotUnderstood. The server that answered last is asked first.
    """

    def __init__(self, urls: Sequence[str], *, timeout: float = ANSWER_SECONDS) -> None:
        """`urls` in the order in which they are tried."""
        self.urls = [normal_url(url) for url in urls]
        self._timeout = timeout
        self._servers: dict[str, JsonServer] = {}

    async def close(self) -> None:
        """Close the connections."""
        servers, self._servers = list(self._servers.values()), {}
        for server in servers:
            await server.close()

    async def staking_params(self) -> answers.StakingParams:
        """Unbonding time, size of the set, denom."""
        return await self._one("cosmos/staking/v1beta1/params", "params", answers.StakingParams)

    async def staking_pool(self) -> answers.StakingPool:
        """Bonded tokens in all."""
        return await self._one("cosmos/staking/v1beta1/pool", "pool", answers.StakingPool)

    async def validators(self, status: str = "") -> list[answers.Validator]:
        """Every validator, or those of one status (BONDED, UNBONDING, UNBONDED); not sorted."""
        params = {"status": status} if status else {}
        return [
            self._parse(answers.Validator, item)
            async for item in self._pages("cosmos/staking/v1beta1/validators", "validators", params)
        ]

    async def validator(self, operator: str) -> answers.Validator:
        """One validator by its operator address."""
        path = f"cosmos/staking/v1beta1/validators/{quote(operator, safe='')}"
        return await self._one(path, "validator", answers.Validator)

    async def active_set(self) -> list[answers.SetMember]:
        """The validators that vote now, with their power."""
        path = "cosmos/base/tendermint/v1beta1/validatorsets/latest"
        return [
            self._parse(answers.SetMember, item)
            async for item in self._pages(path, "validators", {})
        ]

    async def slashing_params(self) -> answers.SlashingParams:
        """The window and what is demanded in it."""
        return await self._one("cosmos/slashing/v1beta1/params", "params", answers.SlashingParams)

    async def signing_info(self, consensus: str) -> answers.SigningInfo:
        """Signing of one validator by its consensus address (bech32)."""
        path = f"cosmos/slashing/v1beta1/signing_infos/{quote(consensus, safe='')}"
        return await self._one(path, "val_signing_info", answers.SigningInfo)

    async def signing_infos(self) -> list[answers.SigningInfo]:
        """Signing of every validator that ever voted."""
        path = "cosmos/slashing/v1beta1/signing_infos"
        return [self._parse(answers.SigningInfo, i) async for i in self._pages(path, "info", {})]

    async def commission(self, operator: str) -> list[answers.Coin]:
        """Commission a validator has earned and not withdrawn."""
        path = f"cosmos/distribution/v1beta1/validators/{quote(operator, safe='')}/commission"
        told = await self.get(path)
        inner = told.get("commission")
        return self._coins(inner.get("commission") if isinstance(inner, dict) else None)

    async def outstanding_rewards(self, operator: str) -> list[answers.Coin]:
        """What a validator and its delegators have earned and not withdrawn."""
        path = f"cosmos/distribution/v1beta1/validators/{quote(operator, safe='')}"
        inner = (await self.get(f"{path}/outstanding_rewards")).get("rewards")
        return self._coins(inner.get("rewards") if isinstance(inner, dict) else None)

    async def delegation_rewards(self, delegator: str, operator: str) -> list[answers.Coin]:
        """What `delegator` has earned with `operator` and not withdrawn."""
        path = f"cosmos/distribution/v1beta1/delegators/{quote(delegator, safe='')}"
        told = await self.get(f"{path}/rewards/{quote(operator, safe='')}")
        return self._coins(told.get("rewards"))

    async def upgrade_plan(self) -> UpgradePlan | None:
        """The next planned upgrade, None when there is none."""
        plan = (await self.get("cosmos/upgrade/v1beta1/current_plan")).get("plan")
        return None if plan is None else self._parse(UpgradePlan, plan)

    async def account(self, address: str) -> answers.Account:
        """Number and sequence of an account; NotFound for one the chain has never seen."""
        path = f"cosmos/auth/v1beta1/account_info/{quote(address, safe='')}"
        return await self._one(path, "info", answers.Account)

    async def balances(self, address: str) -> list[answers.Coin]:
        """All that an account can spend or delegate."""
        path = f"cosmos/bank/v1beta1/balances/{quote(address, safe='')}"
        return [self._parse(answers.Coin, item) async for item in self._pages(path, "balances", {})]

    async def node_config(self) -> answers.NodeConfig:
        """The answering node's gas price and pruning."""
        told = await self.get("cosmos/base/node/v1beta1/config")
        return self._parse(answers.NodeConfig, told)

    async def latest_block(self) -> answers.LatestBlock:
        """The answering node's newest block, and whose votes it holds."""
        told = await self.get("cosmos/base/tendermint/v1beta1/blocks/latest")
        block = told.get("block")
        header = block.get("header") if isinstance(block, dict) else None
        if isinstance(block, dict) and isinstance(header, dict):
            header = {**header, "voters": _voters(block)}
        return self._parse(answers.LatestBlock, header)

    async def base_fee(self) -> answers.BaseFee | None:
        """Live prices of Omniphi's feemarket, None on a chain without one."""
        try:
            told = await self.get("pos/feemarket/v1/base_fee")
        except (errors.NotOffered, errors.NotFound):
            return None
        return self._parse(answers.BaseFee, told)

    async def get(self, path: str, params: dict[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at `path` of the first server that answers."""
        trouble: errors.CosmosError = errors.NoAnswer(
            source="The chain", detail="The network's profile names no REST server."
        )
        for url in tuple(self.urls):
            try:
                told = await self._get_from(url, path, params or {})
            except (errors.NoAnswer, errors.AnswerNotUnderstood, errors.NotOffered) as error:
                if isinstance(trouble, errors.NoAnswer):
                    trouble = error  # what a server that answers says, tells more
                continue
            if self.urls[0] != url:
                self.urls.remove(url)
                self.urls.insert(0, url)
            return told
        raise trouble

    async def _get_from(self, url: str, path: str, params: dict[str, str]) -> dict[str, Any]:
        server = self._servers.get(url)
        if server is None:
            server = self._servers[url] = JsonServer(url, self._timeout)
        http, told, _ = await server.ask(path, params)
        if http == 200:
            return told
        code = told.get("code")
        facts = {
            "source": url,
            "request": path,
            "said": str(told.get("message", "nothing")),
            "answer_code": code,
        }
        if code == NOT_FOUND:
            raise errors.NotFound(**facts)
        if code == NOT_IMPLEMENTED or http == 501 or (http == 404 and code is None):
            raise errors.NotOffered(**facts)
        raise errors.Refused(**facts)

    async def _pages(self, path: str, field: str, params: dict[str, str]) -> AsyncIterator[object]:
        key = ""
        while True:
            page = {**params, "pagination.limit": PAGE}
            if key:
                page["pagination.key"] = key
            told = await self.get(path, page)
            for item in told.get(field) or ():
                yield item
            pagination = told.get("pagination")
            key = (pagination.get("next_key") or "") if isinstance(pagination, dict) else ""
            if not key:
                return

    async def _one(self, path: str, field: str, kind: type[Answer]) -> Answer:
        return self._parse(kind, (await self.get(path)).get(field))

    def _coins(self, items: object) -> list[answers.Coin]:
        return (
            [self._parse(answers.Coin, item) for item in items] if isinstance(items, list) else []
        )

    def _parse(self, kind: type[Answer], told: object) -> Answer:
        try:
            return kind.model_validate(told)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise errors.AnswerNotUnderstood(
                source=self.urls[0] if self.urls else "The chain",
                detail=f"{kind.__name__}: {place}: {first['msg']}",
            ) from error


def _voters(block: dict[str, Any]) -> list[str] | None:
    """Who voted, by the block; a vote that is absent has an empty address."""
    commit = block.get("last_commit")
    votes = commit.get("signatures") if isinstance(commit, dict) else None
    if not isinstance(votes, list):
        return None
    found = (vote.get("validator_address") for vote in votes if isinstance(vote, dict))
    return [address for address in found if isinstance(address, str) and address]
