# SPDX-License-Identifier: Apache-2.0
"""CometBFT's RPC, typed."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from node_manager.closing import AsyncClosing
from node_manager.cosmos import errors
from node_manager.cosmos import rpc_answers as answers
from node_manager.cosmos.asking import JsonServer
from node_manager.cosmos.web import ANSWER_SECONDS, normal_url

Answer = TypeVar("Answer", bound=BaseModel)

PAGE = 100
"""The most validators that one page of `/validators` holds."""

BLOCK_RANGE = 20
"""The most headers that one `/blockchain` answer holds."""


class Rpc(AsyncClosing):
    """One RPC server.

    Every call raises NoAnswer, Refused (with what the server said) or AnswerNotUnderstood.
    """

    def __init__(self, url: str, *, timeout: float = ANSWER_SECONDS) -> None:
        """`url` as in a profile or a configuration file: http, https or tcp."""
        self.url = normal_url(url)
        self.server_date: float | None = None
        self._server = JsonServer(self.url, timeout)

    async def close(self) -> None:
        """Close the connections."""
        await self._server.close()

    async def status(self) -> answers.Status:
        """Who the node is, its newest block, the key it signs with."""
        return await self._ask("status", answers.Status)

    async def net_info(self) -> answers.NetInfo:
        """The node's peers."""
        return await self._ask("net_info", answers.NetInfo)

    async def commit(self, height: int | None = None) -> answers.Commit:
        """Header and signatures of a block, the newest by default."""
        return await self._ask("commit", answers.Commit, height=height)

    async def block(self, height: int | None = None) -> answers.Block:
        """A block, the newest by default."""
        return await self._ask("block", answers.Block, height=height)

    async def blockchain(self, low: int, high: int) -> answers.BlockRange:
        """Headers from `low` to `high`, newest first, at most 20."""
        return await self._ask("blockchain", answers.BlockRange, minHeight=low, maxHeight=high)

    async def validators(self, height: int | None = None) -> list[answers.SetMember]:
        """The whole active set at a height, by falling power."""
        members: list[answers.SetMember] = []
        page = 1
        while True:
            told = await self._ask(
                "validators", answers.ValidatorPage, height=height, page=page, per_page=PAGE
            )
            members.extend(told.validators)
            if not told.validators or len(members) >= told.total:
                return members
            height, page = told.block_height, page + 1

    async def abci_info(self) -> answers.AbciInfo:
        """What the application says of itself: its version and height."""
        return await self._ask("abci_info", answers.AbciInfo)

    async def tx(self, tx_hash: str) -> answers.Tx:
        """A transaction by its hash (hex).

        Raises:
            NotFound: no block has it, yet.
        """
        return await self._ask("tx", answers.Tx, hash=f"0x{tx_hash}")

    async def genesis(self) -> dict[str, Any]:
        """The genesis as JSON; large ones are refused and come in chunks."""
        genesis = (await self._result("genesis")).get("genesis")
        if not isinstance(genesis, dict):
            raise errors.AnswerNotUnderstood(source=self.url, detail="There is no genesis in it.")
        return genesis

    async def genesis_chunk(self, chunk: int) -> answers.GenesisChunk:
        """One part of the genesis, counted from 0."""
        return await self._ask("genesis_chunked", answers.GenesisChunk, chunk=chunk)

    async def _ask(self, method: str, kind: type[Answer], **params: int | str | None) -> Answer:
        result = await self._result(method, **params)
        try:
            return kind.model_validate(result)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise errors.AnswerNotUnderstood(
                source=self.url, detail=f"{method}: {place}: {first['msg']}"
            ) from error

    async def _result(self, method: str, **params: int | str | None) -> dict[str, Any]:
        given = {name: str(value) for name, value in params.items() if value is not None}
        http, told, headers = await self._server.ask(method, given)
        self.server_date = _seconds(headers.get("date"))
        if isinstance(failure := told.get("error"), dict):
            said = str(failure.get("data") or failure.get("message") or "nothing")
            kind = errors.NotFound if said.endswith("not found") else errors.Refused
            raise kind(
                source=self.url, request=method, said=said, answer_code=failure.get("code", "none")
            )
        if http == 404 and not told:
            raise errors.NotOffered(source=self.url, request=method, said="404", answer_code="none")
        if not isinstance(result := told.get("result"), dict):
            raise errors.AnswerNotUnderstood(source=self.url, detail=f"{method} has no result.")
        return result


def _seconds(date: str | None) -> float | None:
    if date is None:
        return None
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
