# SPDX-License-Identifier: Apache-2.0
"""Addresses of servers, and an HTTP client for one: bounded waits, no proxy to this computer."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx

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
    # Not before it is used: an app that only runs its validator never needs it.
    import httpx

    plain = url.startswith("http://")
    return httpx.AsyncClient(
        timeout=timeout,
        trust_env=not is_loopback(url),
        # Building a TLS context takes tens of milliseconds, for nothing on plain HTTP.
        verify=not plain,
        headers={"Accept": "application/json"},
        limits=httpx.Limits(max_connections=8, max_keepalive_connections=4),
    )
