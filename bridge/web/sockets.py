# SPDX-License-Identifier: Apache-2.0
"""Listening sockets that are ours alone, and who holds a port that is taken."""

from __future__ import annotations

import errno
import os
import socket

import psutil


def listen(host: str, port: int) -> socket.socket:
    """A bound, listening TCP socket that no other program can share.

    Raises:
        OSError: the address is taken or not available on this computer.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            sock.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE"), 1)  # noqa: B009
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
        sock.listen(256)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock


def taken(error: OSError) -> bool:
    """Whether `error` means that another program has the address."""
    return error.errno in {errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)}


def absent(error: OSError) -> bool:
    """Whether `error` means that this computer does not have the address (no IPv6)."""
    return error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


def holder_of(port: int) -> str:
    """Who listens on `port`: "gaiad (process 4121)", or "another program" where it is not told."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.Error, OSError):
        return "another program"
    for connection in connections:
        if connection.status != psutil.CONN_LISTEN or tuple(connection.laddr)[1:] != (port,):
            continue
        if connection.pid is None:
            break
        try:
            return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
        except psutil.Error:
            return f"process {connection.pid}"
    return "another program"
