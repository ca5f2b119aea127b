# SPDX-License-Identifier: Apache-2.0
"""Whether ports are free and who holds them.

A node whose REST or gRPC port is taken starts without them and says nothing: they are tried here.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import psutil

from node_manager.checks.result import CheckResult, CheckState, Mend, good, not_known
from node_manager.explanation import Explanation

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104  (peers dial in)


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that uses a port: mostly it listens there.

    Attributes:
        pid: None when the system does not tell us (another user's process).
    """

    pid: int | None = None
    name: str = ""

    def __str__(self) -> str:
        if self.pid is None:
            return "a program that the system does not name to this user"
        return f"{self.name or 'a program'} (process {self.pid})"


def port_trouble(port: int, host: str = LOOPBACK) -> OSError | None:
    """What the system answers to a program that wants to listen there; None when it may."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if sys.platform == "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # As Go's listeners do: a connection that has just ended does not hold the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return error
    return None


def holder_of(port: int) -> Holder:
    """Who uses a TCP port of this computer, as far as the system tells."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.Error, OSError):
        return _holder_among_own(port)  # macOS tells only root of everybody's
    users = [c for c in connections if c.pid is not None and _uses(c, port)]
    users.sort(key=lambda c: c.status != psutil.CONN_LISTEN)
    pid = users[0].pid if users else None
    return Holder() if pid is None else Holder(pid, _name(pid))


def _holder_among_own(port: int) -> Holder:
    for process in psutil.process_iter():
        try:
            if any(_uses(c, port) for c in process.net_connections(kind="tcp")):
                return Holder(process.pid, process.name())
        except psutil.Error:
            continue
    return Holder()


def _uses(connection: object, port: int) -> bool:
    return getattr(getattr(connection, "laddr", None), "port", None) == port


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return ""


def check_port(
    service: str, port: int, host: str = LOOPBACK, *, own_pids: Collection[int] = ()
) -> CheckResult:
    """Try one port; `own_pids` are this node's own processes, which may hold it."""
    check, title = f"port-{service.lower()}", f"Port for {service}"
    trouble = port_trouble(port, host)
    if trouble is None:
        return good(check, title, "Port {port} is free.", port=port)
    if trouble.errno in {errno.EACCES, errno.EPERM}:
        return CheckResult(
            check, title, CheckState.FAIL, _forbidden(service, port), Mend.CHANGE_PORTS
        )
    if trouble.errno == errno.EADDRNOTAVAIL:
        return not_known(check, title, "Port {port} cannot be tried.", str(trouble), port=port)
    holder = holder_of(port)
    if holder.pid is not None and holder.pid in own_pids:
        return good(check, title, "Port {port} is held by this node.", port=port)
    return CheckResult(
        check, title, CheckState.FAIL, _taken(service, port, holder), Mend.CHANGE_PORTS
    )


def _taken(service: str, port: int, holder: Holder) -> Explanation:
    return Explanation(
        "port-taken",
        "Port {port} ({service}) is taken by {holder}.",
        "Only one program can listen there.",
        "End that program, or choose other ports for this validator.",
        {"port": port, "service": service, "holder": str(holder), "pid": holder.pid},
    )


def _forbidden(service: str, port: int) -> Explanation:
    return Explanation(
        "port-forbidden",
        "The system does not let this user listen on port {port} ({service}).",
        "Ports below 1024 are for the system, and Windows reserves ranges of its own.",
        "Choose another port for this validator.",
        {"port": port, "service": service},
    )


async def check_ports(
    ports: Mapping[str, int],
    *,
    own_pids: Collection[int] = (),
    public: Collection[str] = ("P2P",),
) -> list[CheckResult]:
    """Try each port by the name of its service; those in `public` on every interface."""
    return await asyncio.to_thread(
        lambda: [
            check_port(
                service,
                port,
                EVERYWHERE if service in public else LOOPBACK,
                own_pids=own_pids,
            )
            for service, port in ports.items()
        ]
    )
