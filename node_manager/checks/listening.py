# SPDX-License-Identifier: Apache-2.0
"""Where a process listens, as the system tells it."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

import psutil

Listening = Mapping[int, frozenset[str]]
"""By port, the addresses on which connections are taken."""


def listening_of(pid: int) -> Listening | None:
    """The TCP ports on which the process takes connections; None when the system hides it."""
    try:
        connections = psutil.Process(pid).net_connections(kind="tcp")
    except (psutil.Error, OSError):
        return None
    found: dict[int, set[str]] = {}
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr:
            found.setdefault(connection.laddr.port, set()).add(connection.laddr.ip)
    return {port: frozenset(addresses) for port, addresses in found.items()}


def is_public(address: str) -> bool:
    """Whether an address can only have come from the internet; False where it is no address."""
    try:
        told = ip_address(address.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(told, "ipv4_mapped", None)
    return (mapped or told).is_global
