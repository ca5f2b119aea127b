# SPDX-License-Identifier: Apache-2.0
"""Asks one server for JSON, again and again: few connections, kept, and little work a question.

aiohttp and not httpx: an idle app asks its validator each second or two, and a question costs a
fifth (measured: 0.18 ms of processor time instead of 0.86).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from node_manager.cosmos import errors
from node_manager.cosmos.web import is_loopback
from node_manager.downloads.trust import certificates

CONNECTIONS = 8
KEPT_SECONDS = 8.0
"""An unused connection is kept so long; CometBFT itself closes it after 10 s."""


class JsonServer:
    """One server. Redirects are not followed: an answer comes from who was asked."""

    def __init__(self, url: str, timeout: float) -> None:
        """`timeout` is for each wait (to connect, for the next bytes), in seconds."""
        self.url = url
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections; the next question opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def ask(
        self, path: str, params: Mapping[str, str]
    ) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        """GET a JSON object: HTTP status, the object (empty for a bare 404), the headers.

        Raises:
            NoAnswer: nothing answers, or not in time.
            AnswerNotUnderstood: the answer is not a JSON object.
        """
        try:
            session = self._session or await self._open()
            asked = session.get(f"{self.url}/{path}", params=params, allow_redirects=False)
            async with asked as response:
                body = await response.read()
        except TimeoutError as error:
            raise errors.NoAnswer(source=self.url, detail="It took too long.") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            said = str(error) or type(error).__name__
            raise errors.NoAnswer(source=self.url, detail=said) from error
        if response.status in {502, 503, 504}:
            raise errors.NoAnswer(source=self.url, detail=f"HTTP {response.status}")
        return response.status, self._object(response.status, body), response.headers

    async def _open(self) -> aiohttp.ClientSession:
        secure = self.url.startswith("https:")
        # Building a TLS context takes tens of milliseconds, for nothing on plain HTTP.
        tls = await asyncio.to_thread(certificates) if secure else True
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=tls, limit=CONNECTIONS, keepalive_timeout=KEPT_SECONDS
                ),
                timeout=aiohttp.ClientTimeout(
                    total=None, connect=self._timeout, sock_read=self._timeout
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Accept": "application/json"},
                # No proxy of the environment stands between this computer and itself.
                trust_env=not is_loopback(self.url),
            )
        return self._session

    def _object(self, status: int, body: bytes) -> dict[str, Any]:
        try:
            told = json.loads(body)
        except ValueError as error:
            if status == 404:
                return {}
            begin = body[:80].decode(errors="replace").strip()
            raise errors.AnswerNotUnderstood(
                source=self.url, detail=f"HTTP {status}: {begin}"
            ) from error
        if not isinstance(told, dict):
            raise errors.AnswerNotUnderstood(
                source=self.url, detail="The answer is not a JSON object."
            )
        return told
