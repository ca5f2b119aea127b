# SPDX-License-Identifier: Apache-2.0
"""Host ports for containers: written on them as labels, so that every owner sees them."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable

from node_manager.runtime.docker.errors import DockerTrouble


class NoFreePort(DockerTrouble):
    """Every port of the range is given away."""

    code = "docker-no-free-port"
    what = "No port is free for another container."
    why = "All of {first} to {last} are given away or used by other programs."
    todo = "Widen the range in the settings, or remove containers that are not needed."


def choose_port(first: int, last: int, given: Iterable[int], preferred: int | None = None) -> int:
    """The preferred port, or the first of the range that is neither given away nor in use.

    Between this look and the start of the container another program may take it: the engine
    says so then (`HostPortTaken`), and the caller chooses again.

    Raises:
        NoFreePort: there is none.
    """
    taken = set(given)
    if preferred is not None and preferred not in taken:
        return preferred
    for port in range(first, last + 1):
        if port not in taken and _free(port):
            return port
    raise NoFreePort(first=first, last=last)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError as error:
            return error.errno not in {errno.EADDRINUSE, errno.EACCES}
    return True
