# SPDX-License-Identifier: Apache-2.0
"""One HTTP client per server: bounded waits, no proxy to this computer, errors in words."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import httpx

from node_manager.cosmos import errors

ANSWER_SECONDS = 5.0


def normal_url(url: str) -> str:
    """The address for HTTP: `tcp://` (as configuration files write it) is `http://`."""
    if url.startswith("tcp://"):
        url = "http://" + url.removeprefix("tcp://")
    if "://" not in url:
        url = "http://" + url
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether the server at `url` is this computer."""
    host = urlsplit(normal_url(url)).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def new_client(url: str, timeout: float = ANSWER_SECONDS) -> httpx.AsyncClient:
    """A client for one server. Redirects are not followed: an answer comes from who was asked."""
    plain = url.startswith("http://")
    return httpx.AsyncClient(
        timeout=timeout,
        trust_env=not is_loopback(url),
        # Building a TLS context takes tens of milliseconds, for nothing on plain HTTP.
        verify=not plain,
        headers={"Accept": "application/json"},
        limits=httpx.Limits(max_connections=8, max_keepalive_connections=4),
    )


async def get_json(
    client: httpx.AsyncClient, url: str, params: dict[str, str], source: str
) -> tuple[int, dict[str, Any], httpx.Headers]:
    """GET a JSON object: HTTP status, the object (empty for a bare 404), the headers.

    Raises:
        NoAnswer: nothing answers, or not in time.
        AnswerNotUnderstood: the answer is not a JSON object.
    """
    try:
        response = await client.get(url, params=params)
    except httpx.TimeoutException as error:
        raise errors.NoAnswer(source=source, detail="It took too long.") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise errors.NoAnswer(source=source, detail=str(error) or type(error).__name__) from error
    if response.status_code in {502, 503, 504}:
        raise errors.NoAnswer(source=source, detail=f"HTTP {response.status_code}")
    try:
        told = response.json()
    except ValueError as error:
        if response.status_code == httpx.codes.NOT_FOUND:
            return response.status_code, {}, response.headers
        begin = response.text[:80].strip()
        raise errors.AnswerNotUnderstood(
            source=source, detail=f"HTTP {response.status_code}: {begin}"
        ) from error
    if not isinstance(told, dict):
        raise errors.AnswerNotUnderstood(source=source, detail="The answer is not a JSON object.")
    return response.status_code, told, response.headers
