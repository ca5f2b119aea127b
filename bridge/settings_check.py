# SPDX-License-Identifier: Apache-2.0
"""Whether the doors can follow changed settings; asked before they are stored."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from urllib.parse import urlsplit

from bridge.settings_errors import (
    AddressRefused,
    OriginRefused,
    PortForbidden,
    PortHeld,
    PortOfValidator,
    PortShared,
)
from bridge.web.sockets import holder_of, listen, taken
from node_manager.settings import Settings

HOST = "127.0.0.1"
USUAL_PORTS = {"http": 80, "https": 443}


async def check_settings(
    before: Settings, changed: Settings, node_ports: Collection[int] = ()
) -> None:
    """Refuse what cannot work; `node_ports` are those of the validators of this computer.

    What was there before and is not changed is not judged.

    Raises:
        SettingRefused: with the reason; nothing was changed.
    """
    _check_addresses(before, changed)
    bridge, orchestrator = changed.bridge, changed.orchestrator
    if bridge.enabled and orchestrator.embedded and bridge.port == orchestrator.port:
        raise PortShared(port=bridge.port)
    own = {before.bridge.port, before.orchestrator.port}
    for wanted, old, new in (
        (bridge.enabled, before.bridge.port, bridge.port),
        (orchestrator.embedded, before.orchestrator.port, orchestrator.port),
    ):
        if not wanted or new == old:
            continue
        if new in node_ports:
            raise PortOfValidator(port=new)
        if new not in own:  # a port of ours comes free by the change
            await asyncio.to_thread(_check_port, new)


def _check_addresses(before: Settings, changed: Settings) -> None:
    for origin in changed.bridge.origins:
        if origin not in before.bridge.origins and not is_origin(origin):
            raise OriginRefused(origin=origin)
    for old, new in (
        (before.heartbeat.url, changed.heartbeat.url),
        (before.alerts.webhook, changed.alerts.webhook or before.alerts.webhook),
    ):
        if new != old and not is_address(new):
            raise AddressRefused(url=new)


def is_origin(text: str) -> bool:
    """Whether a browser would send exactly this as the origin of a website (RFC 6454)."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in USUAL_PORTS or not parts.hostname or port == USUAL_PORTS[parts.scheme]:
        return False
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return text == f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def is_address(url: str) -> bool:
    """Whether something can be sent there."""
    try:
        parts = urlsplit(url)
        return parts.scheme in USUAL_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _check_port(port: int) -> None:
    """Try to listen there for a moment.

    Raises:
        PortHeld, PortForbidden: another program has it, or the system keeps it.
    """
    try:
        listen(HOST, port).close()
    except OSError as error:
        if taken(error):
            raise PortHeld(port=port, holder=holder_of(port)) from error
        raise PortForbidden(port=port, reason=error.strerror or error) from error
