# SPDX-License-Identifier: Apache-2.0
"""A small answer in JSON, kept in memory: bounded in size and hops, over https only.

It has no checksum, so what protects it on its way is https alone; plain http is for this computer
itself. A file that has one comes by `fetch`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from node_manager.downloads.checksum import without_credentials
from node_manager.downloads.errors import UrlRefused
from node_manager.downloads.trust import certificates, is_loopback, is_protected, redirected

if TYPE_CHECKING:
    import httpx


class TooLarge(Exception):
    """More bytes than the answer may have; the rest was not read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said in the end; `content` is empty unless `status` is 200."""

    status: int
    content: bytes


@asynccontextmanager
async def open_client(url: str, *, seconds: float) -> AsyncIterator[httpx.AsyncClient]:
    """A client for answers from `url` and its neighbours; each step may take `seconds`."""
    # Here, because an app asks for such an answer once a day at most.
    import httpx

    context = await asyncio.to_thread(certificates)
    async with httpx.AsyncClient(
        timeout=seconds,
        verify=context,
        # No proxy of the environment stands between this computer and itself.
        trust_env=not is_loopback(url),
        headers={"Accept": "application/json", "User-Agent": "oneclick-validator"},
    ) as client:
        yield client


async def read_answer(client: httpx.AsyncClient, url: str, *, limit: int) -> Answer:
    """What lies at `url`, a protected address, in at most `limit` bytes.

    Raises:
        UrlRefused: it redirects to where it is not followed.
        TooLarge: there are more bytes.
        httpx.HTTPError, httpx.InvalidURL: there is no answer.
    """
    address, hops = url, 0
    while True:
        async with client.stream("GET", address) as response:
            if not response.has_redirect_location:
                return Answer(response.status_code, await _content(response, limit))
            address = _next(url, address, response.headers["Location"], hops)
            hops += 1


def _next(url: str, address: str, location: str, hops: int) -> str:
    target = redirected(url, address, location, hops)
    if not is_protected(target):
        # From http of this computer to that of another one, which a checksum would allow.
        reason = "It redirects from https to unprotected http."
        raise UrlRefused(url=without_credentials(url), reason=reason)
    return target


async def _content(response: httpx.Response, limit: int) -> bytes:
    content = bytearray()
    if response.status_code == 200:
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > limit:
                raise TooLarge
    return bytes(content)
