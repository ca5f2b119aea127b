# SPDX-License-Identifier: Apache-2.0
"""The answer of the source of updates, within bounds of size and time."""

from __future__ import annotations

import asyncio

from node_manager.downloads.answer import TooLarge, open_client, read_answer
from node_manager.downloads.errors import UrlRefused
from node_manager.updates.errors import AnswerTooLarge, SourceNotReached

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
        raise SourceNotReached(
            reason=f"The connection fails: {str(error) or type(error).__name__}."
        ) from error
    raise AssertionError("stamina ends by a result or an error")


async def _ask(url: str) -> bytes:
    async with open_client(url, seconds=STEP_SECONDS) as client:
        try:
            answer = await read_answer(client, url, limit=MAX_BYTES)
        except UrlRefused as error:
            raise SourceNotReached(reason=error.facts["reason"]) from error
        except TooLarge as error:
            raise AnswerTooLarge(limit=MAX_BYTES) from error
    if answer.status != 200:
        raise SourceNotReached(reason=f"The server answers {answer.status}.")
    return answer.content
