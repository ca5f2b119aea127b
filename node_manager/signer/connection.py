# SPDX-License-Identifier: Apache-2.0
"""Dialing the node and cutting what it sends into messages."""

from __future__ import annotations

import os
import socket
import struct
from typing import Protocol
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node_manager.signer.errors import PlanRefused
from node_manager.signer.messages import MAX_MESSAGE
from node_manager.signer.wire import Malformed, read_varint

IDLE_SECONDS = 10.0
"""A node pings every 3.3 s; three missed ones are a dead connection."""

CONNECT_SECONDS = 3.0

_TIMEVAL = struct.Struct("@ll")

_CHUNK = 4096


class Channel(Protocol):
    """Where messages come from and answers go to."""

    def recv(self, size: int, /) -> bytes:
        """Some bytes, none at the end."""

    def sendall(self, data: bytes, /) -> None:
        """Send all of it."""

    def shutdown(self, how: int, /) -> None:
        """End it without closing: a blocked `recv` returns."""

    def close(self) -> None:
        """End it."""


class Dialer:
    """Makes connections to one node's `priv_validator_laddr`."""

    def __init__(self, address: str, node_id: str = "") -> None:
        """Dial `address`; on tcp the node must prove `node_id` unless that is empty.

        Raises:
            PlanRefused: the address is neither unix:// nor tcp:// with a port.
        """
        parts = urlsplit(address)
        self._path, self._target, self._node_id = "", ("", 0), node_id
        self.address = address
        try:
            if parts.scheme == "unix":
                self._path = parts.netloc + parts.path
            elif parts.scheme == "tcp" and parts.hostname and parts.port:
                self._target = parts.hostname, parts.port
        except ValueError:
            pass
        if not self._path and not self._target[1]:
            raise PlanRefused(why=f"{address!r} is no address of a node.")
        self._own_key: Ed25519PrivateKey | None = None

    def dial(self) -> Channel:
        """One connection, ready for messages.

        Raises:
            OSError: the node does not listen, or is not the expected one.
        """
        if self._path:
            stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                stream.settimeout(CONNECT_SECONDS)
                stream.connect(self._path)
                _limit_silence(stream)
            except BaseException:
                stream.close()
                raise
            return stream
        return self._dial_tcp()

    def _dial_tcp(self) -> Channel:
        # loaded for containers only: native nodes are dialed by unix sockets
        from node_manager.signer.secret_connection import SecretChannel

        stream = socket.create_connection(self._target, CONNECT_SECONDS)
        try:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._own_key is None:
                self._own_key = Ed25519PrivateKey.generate()
            channel = SecretChannel(stream, self._own_key, self._node_id)
            _limit_silence(stream)
        except BaseException:
            stream.close()
            raise
        return channel


def _limit_silence(stream: socket.socket) -> None:
    """Let blocking calls fail after the idle time, where possible without a poll before each."""
    if os.name == "posix":
        limit = _TIMEVAL.pack(int(IDLE_SECONDS), 0)
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        stream.settimeout(None)
    else:
        stream.settimeout(IDLE_SECONDS)


class MessageReader:
    """Cuts the bytes of a channel into length-delimited messages."""

    def __init__(self, channel: Channel) -> None:
        """Read from `channel`."""
        self._recv = channel.recv
        self._pending = b""

    def read(self) -> bytes | None:
        """The next message without its length, None at the end of the connection.

        Raises:
            Malformed: it is longer than CometBFT's own limit, or the connection ended within it.
            OSError: the connection broke or fell silent.
        """
        while True:
            pending = self._pending
            # 10 KiB are two bytes of length: what has no end of it within three is too long
            if pending and (pending[0] < 0x80 or len(pending) > 2 or pending[-1] < 0x80):
                length, start = read_varint(pending, 0)
                if length > MAX_MESSAGE:
                    raise Malformed(f"a message of {length} bytes")
                end = start + length
                if len(pending) >= end:
                    self._pending = pending[end:]
                    return pending[start:end]
            data = self._recv(_CHUNK)
            if not data:
                if pending:
                    raise Malformed("the connection ended within a message")
                return None
            self._pending = pending + data
