# SPDX-License-Identifier: Apache-2.0
"""The address a request comes from, also behind proxies we were told of."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from aiohttp import web

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
UNKNOWN = "unknown"


def remote_address(request: web.Request, trusted: Sequence[Network]) -> str:
    """The nearest address that is not a trusted proxy.

    X-Forwarded-For is read from its end and only while the sender is trusted: what a client
    writes into it counts for nothing.
    """
    peer = request.transport.get_extra_info("peername") if request.transport else None
    address = str(peer[0]) if isinstance(peer, tuple) and peer else UNKNOWN
    if not trusted or not _is_trusted(address, trusted):
        return address
    chain = [
        part.strip()
        for value in request.headers.getall("X-Forwarded-For", [])
        for part in value.split(",")
    ]
    for hop in reversed(chain):
        found = _parsed(hop)
        if found is None:
            return address
        address = str(found)
        if not _is_trusted(address, trusted):
            return address
    return address


def limit_key(address: str) -> str:
    """What counts as one caller: an IPv4 address, or the /64 of an IPv6 one."""
    found = _parsed(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
    return address


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    found = _parsed(address)
    return found is not None and any(
        found in network for network in trusted if network.version == found.version
    )


@lru_cache(maxsize=4096)
def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found
