# SPDX-License-Identifier: Apache-2.0
"""The answer of the source of updates: bounded in size, hops and time, over https only."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from node_manager.downloads.errors import UrlRefused
from node_manager.downloads.trust import certificates, is_loopback, redirected
from node_manager.updates.errors import AnswerTooLarge, SourceNotReached
from node_manager.updates.source import safe_address

if TYPE_CHECKING:
    import httpx

MAX_BYTES = 64 * 1024
ATTEMPTS = 3
STEP_SECONDS = 10.0
WHOLE_SECONDS = 45.0
"""All attempts together: also against an answer that drips."""


async def fetch_answer(
    url: str, *, attempts: int = ATTEMPTS, whole_seconds: float = WHOLE_SECONDS
) -> bytes:
    """What lies at `url`; not believed yet.

    Raises:
        SourceNotReached: there is no answer.
        AnswerTooLarge: it is no announcement.
    """
    # Here, because an app asks once a day at most.
    import httpx
    import stamina

    try:
        async with asyncio.timeout(whole_seconds):
            async for attempt in stamina.retry_context(
                on=httpx.TransportError, attempts=attempts, timeout=None, wait_max=4.0
            ):
                with attempt:
                    return await _ask(url)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise SourceNotReached(reason="It takes too long.") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceNotReached(reason=f"The connection fails: {error or 'closed'}.") from error
    raise AssertionError("stamina ends by a result or an error")


async def _ask(url: str) -> bytes:
    import httpx

    context = await asyncio.to_thread(certificates)
    async with httpx.AsyncClient(
        timeout=STEP_SECONDS,
        verify=context,
        # No proxy of the environment stands between this computer and itself.
        trust_env=not is_loopback(url),
        headers={"Accept": "application/json", "User-Agent": "oneclick-validator"},
    ) as client:
        address, hops = url, 0
        while True:
            async with client.stream("GET", address) as response:
                if not response.is_redirect:
                    return await _read(response)
                address = _next(url, address, response.headers.get("Location", ""), hops)
                hops += 1


def _next(url: str, address: str, location: str, hops: int) -> str:
    try:
        return safe_address(redirected(url, address, location, hops))
    except UrlRefused as error:
        raise SourceNotReached(reason=error.facts["reason"]) from error
    except ValueError as error:
        raise SourceNotReached(reason="It redirects from https to unprotected http.") from error


async def _read(response: httpx.Response) -> bytes:
    if response.status_code != 200:
        raise SourceNotReached(reason=f"The server answers {response.status_code}.")
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > MAX_BYTES:
            raise AnswerTooLarge(limit=MAX_BYTES)
    return bytes(content)
