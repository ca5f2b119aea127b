# SPDX-License-Identifier: Apache-2.0
"""Simulates and broadcasts through the chain's REST servers, and says refusals in words.

Codes: x/auth and the SDK's root errors (cosmos-sdk types/errors/errors.go).
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from bridge.orchestrator.chain.messages import b64
from bridge.orchestrator.errors import ChainRefused, ChainUnavailable
from node_manager.cosmos.errors import CosmosError, NotFound
from node_manager.cosmos.rest import Rest
from node_manager.cosmos.web import new_client

SECONDS = 10.0

_NOISE = tuple(
    re.compile(pattern)
    for pattern in (
        r"^rpc error: code = \w+ desc = ",
        r"^failed to execute message; message index: \d+: ",
        r" \[[\w.-]+/[^\]]*\.go:\d+\]",
        r" with gas used: '\d+'",
    )
)

_WORDS = {
    4: "The signature does not fit: wrong chain, account number or sequence.",
    5: "The account does not have enough funds.",
    11: "The gas limit was too low.",
    13: "The fee is too low.",
    15: "The gas limit is above what the chain allows.",
    18: "The chain finds a value that is not allowed.",
    19: "The transaction was sent before.",
    32: "Another transaction of this account came first.",
}


@dataclass(frozen=True, slots=True)
class TxSeen:
    """What became of a transaction.

    Attributes:
        reason: why it failed, in words; empty otherwise.
    """

    state: Literal["pending", "included", "failed"]
    height: int | None = None
    code: int = 0
    reason: str = ""


class Broadcaster:
    """Sends transactions to the first server that answers."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def simulate(self, tx: bytes) -> int:
        """Gas that `tx` uses.

        Raises:
            ChainRefused: it would fail, and why.
            ChainUnavailable: no server answers.
        """
        told = await self._post("cosmos/tx/v1beta1/simulate", {"tx_bytes": b64(tx)})
        used = told.get("gas_info", {}).get("gas_used", "")
        if not str(used).isdigit():
            raise ChainUnavailable(reason="The node told no gas.")
        return int(used)

    async def encode(self, document: dict[str, Any]) -> bytes:
        """The bytes of a signed transaction in JSON, as the node itself encodes it.

        Raises:
            ChainRefused: it is not a transaction of this chain.
            ChainUnavailable: no server answers.
        """
        told = (await self._post("cosmos/tx/v1beta1/encode", {"tx": document})).get("tx_bytes")
        if not isinstance(told, str):
            raise ChainUnavailable(reason="The node told no result.")
        return base64.b64decode(told)

    async def broadcast(self, tx: bytes) -> str:
        """Hand `tx` to the network; return its hash. Its check passed, the block comes later.

        Raises:
            ChainRefused: the check failed.
            ChainUnavailable: no server answers.
        """
        body = {"tx_bytes": b64(tx), "mode": "BROADCAST_MODE_SYNC"}
        told = (await self._post("cosmos/tx/v1beta1/txs", body)).get("tx_response")
        if not isinstance(told, dict):
            raise ChainUnavailable(reason="The node told no result.")
        if code := int(told.get("code") or 0):
            raise ChainRefused(reason=in_words(code, str(told.get("raw_log", ""))))
        return str(told.get("txhash", ""))

    async def seen(self, tx_hash: str) -> TxSeen:
        """What became of a transaction.

        Raises:
            ChainUnavailable: no server answers.
        """
        try:
            told = (await self._rest.get(f"cosmos/tx/v1beta1/txs/{tx_hash}")).get("tx_response")
        except NotFound:
            return TxSeen("pending")
        except CosmosError as error:
            raise ChainUnavailable(reason=str(error)) from error
        if not isinstance(told, dict):
            raise ChainUnavailable(reason="The node told no result.")
        height, code = int(told.get("height") or 0), int(told.get("code") or 0)
        if code:
            return TxSeen("failed", height, code, in_words(code, str(told.get("raw_log", ""))))
        return TxSeen("included", height)

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        last = "The network's profile names no REST server."
        for url in self._rest.urls:
            try:
                async with new_client(url, SECONDS) as client:
                    response = await client.post(f"{url}/{path}", json=body)
                    told = response.json()
            except (httpx.HTTPError, ValueError) as error:
                last = str(error) or type(error).__name__
                continue
            if not isinstance(told, dict):
                last = f"HTTP {response.status_code}"
                continue
            if response.status_code == httpx.codes.OK:
                return told
            if response.status_code in {502, 503, 504}:
                last = f"HTTP {response.status_code}"
                continue
            raise ChainRefused(reason=plain(str(told.get("message", "No reason was given."))))
        raise ChainUnavailable(reason=last)


def in_words(code: int, log: str) -> str:
    """A refusal for a person, with the chain's own words."""
    known = _WORDS.get(code, f"Code {code}.")
    return f"{known} {plain(log)}".strip()


def plain(log: str) -> str:
    """The chain's own words without the places in its program (errorsmod.Wrap, baseapp)."""
    text = log
    for noise in _NOISE:
        text = noise.sub("", text)
    return text.strip()[:1000]
