# SPDX-License-Identifier: Apache-2.0
"""Free ports for the localnet, near fixed ones, below the range the system hands out."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable

from pydantic import BaseModel, ConfigDict

from bridge.localnet.errors import NoFreePort

LOOPBACK = "127.0.0.1"
CEILING = 32768
"""Linux hands out ports from here on to outgoing connections."""

STEP = 10
TRIES = 200
SERVER_PORT = 15080


class ValidatorPorts(BaseModel):
    """Ports of one validator of the localnet."""

    model_config = ConfigDict(frozen=True)

    p2p: int = 26756
    rpc: int = 26757
    rest: int = 1417
    grpc: int = 9190


def is_free(port: int) -> bool:
    """Whether nobody listens at this port of the loopback interface (or of all)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # a connection that was closed a moment ago is no listener
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


class PortChooser:
    """Chooses ports so that no two of a network are the same."""

    def __init__(self, taken: Iterable[int] = (), free: Callable[[int], bool] = is_free) -> None:
        self._taken = set(taken)
        self._free = free

    def near(self, wanted: int, service: str) -> int:
        """`wanted` or the first free port after it.

        Raises:
            NoFreePort: none of the next ones is free.
        """
        last = min(wanted + STEP * TRIES, CEILING - 1)
        for port in range(wanted, last + 1):
            if port not in self._taken and self._free(port):
                self._taken.add(port)
                return port
        raise NoFreePort(service=service, first=wanted, last=last)

    def validator(self, number: int, wanted: ValidatorPorts | None = None) -> ValidatorPorts:
        """Ports of the validator `number`, those it had before if they are free."""
        base, shift = wanted or ValidatorPorts(), 0 if wanted else STEP * number
        return ValidatorPorts(
            p2p=self.near(base.p2p + shift, "P2P"),
            rpc=self.near(base.rpc + shift, "RPC"),
            rest=self.near(base.rest + shift, "REST"),
            grpc=self.near(base.grpc + shift, "gRPC"),
        )
