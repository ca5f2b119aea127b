# SPDX-License-Identifier: Apache-2.0
"""A set of ports for a node: the usual ones, moved on past those that are taken."""

from __future__ import annotations

from collections.abc import Collection

from node_manager.checks.ports import EVERYWHERE, LOOPBACK, port_trouble
from node_manager.node.record import Ports

PORT_STEP = 10
"""Distance between the port sets of nodes side by side."""

SIGNER_PORT = 26659
"""CometBFT's usual one for a signer that dials in."""


def free_ports(used: Collection[int]) -> Ports:
    """The first set that neither `used` names nor another program has. Blocks for the system."""
    usual = Ports().model_dump()
    shift = 0
    while any(_taken(name, port + shift, used) for name, port in usual.items()):
        shift += PORT_STEP
    return Ports(**{name: port + shift for name, port in usual.items()})


def free_signer_port(used: Collection[int]) -> int:
    """Where a contained node can await its signer. Blocks for the system."""
    port = SIGNER_PORT
    while _taken("signer", port, used):
        port += PORT_STEP
    return port


def _taken(name: str, port: int, used: Collection[int]) -> bool:
    # Peers dial in from everywhere: a program that has the port of one interface is in the way.
    host = EVERYWHERE if name == "p2p" else LOOPBACK
    return port in used or port_trouble(port, host) is not None
