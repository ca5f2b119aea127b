# SPDX-License-Identifier: Apache-2.0
"""A local channel between processes of this user, named by a path.

Where there are Unix sockets, the path is one, in a folder that only this user may enter. Elsewhere
(Windows) it is a small file with a loopback port and a random token; both sides prove that they
know the token before the first byte of the conversation, so that neither another user nor a
program that got the port later can take a side.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import os
import secrets
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from node_manager.durable import PRIVATE_FILE, make_private_folder, write_durably
from node_manager.runtime.errors import ChannelRefused, SocketPathTooLong

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

HANDSHAKE_SECONDS = 5.0

_UNIX_LIMIT = 107 if sys.platform == "linux" else 103  # sun_path without its final zero
_NONCE = 32


def has_unix_sockets() -> bool:
    """Whether this system's event loop speaks Unix sockets."""
    return sys.platform != "win32"


class LocalServer:
    """A listening channel; `close` ends it and removes its path."""

    def __init__(self, server: asyncio.Server, path: Path) -> None:
        self._server = server
        self.path = path

    async def close(self) -> None:
        """Take no more conversations and remove the path."""
        self._server.close()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        await asyncio.sleep(0)


async def serve_locally(path: Path, handler: Handler) -> LocalServer:
    """Listen at `path`; `handler` gets the streams of each conversation and closes them.

    A path that a dead process left behind is replaced. Keeping two servers from one path is
    the caller's lock.

    Raises:
        SocketPathTooLong: the system has no room for the path.
        OSError: the folder cannot be written.
    """
    make_private_folder(path.parent)
    if has_unix_sockets():
        path.unlink(missing_ok=True)  # noqa: ASYNC240  (no more blocking than the bind itself)
        with _socket_name(path) as name:
            server = await asyncio.start_unix_server(handler, name)
        path.chmod(PRIVATE_FILE)  # noqa: ASYNC240
        return LocalServer(server, path)
    return await serve_on_loopback(path, handler)


async def connect_locally(path: Path) -> Streams:
    """Open a conversation with the server at `path`.

    Raises:
        FileNotFoundError, ConnectionError: nobody listens there.
        ChannelRefused: somebody else listens there.
    """
    if has_unix_sockets():
        with _socket_name(path) as name:
            return await asyncio.open_unix_connection(name)
    return await connect_on_loopback(path)


@contextlib.contextmanager
def _socket_name(path: Path) -> Iterator[str]:
    """A name of `path` that is short enough for the system's socket addresses (unix(7))."""
    length = len(os.fsencode(path))
    if length <= _UNIX_LIMIT:
        yield str(path)
        return
    if sys.platform != "linux":
        raise SocketPathTooLong(path=path, length=length, limit=_UNIX_LIMIT)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


@dataclass(frozen=True, slots=True)
class _Address:
    """The content of the file that stands for a loopback channel (JSON)."""

    port: int
    token: str = field(repr=False)

    @classmethod
    def read(cls, content: bytes) -> _Address:
        """Take it from the file's content.

        Raises:
            ValueError: it is not such a file's.
        """
        told = json.loads(content)
        match told:
            case {"port": int(port), "token": str(token)} if 0 < port < 65536 and len(token) >= 32:
                return cls(port, token)
        raise ValueError("not the address of a channel")


async def serve_on_loopback(path: Path, handler: Handler) -> LocalServer:
    """`serve_locally` by TCP on 127.0.0.1, with the port and the token in the file `path`."""
    token = secrets.token_hex(32)

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                known = await _prove(reader, writer, token, mine=b"server", theirs=b"client")
        except (OSError, EOFError, TimeoutError):
            known = False
        if known:
            await handler(reader, writer)
        else:
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.to_thread(write_durably, path, json.dumps(asdict(_Address(port, token))))
    return LocalServer(server, path)


async def connect_on_loopback(path: Path) -> Streams:
    """`connect_locally` by TCP, to the server whose port and token are in the file `path`."""
    try:
        address = _Address.read(await asyncio.to_thread(path.read_bytes))
    except ValueError as error:
        raise ChannelRefused(path=path) from error
    reader, writer = await asyncio.open_connection("127.0.0.1", address.port)
    try:
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            known = await _prove(reader, writer, address.token, mine=b"client", theirs=b"server")
    except (OSError, EOFError, TimeoutError) as error:
        writer.close()
        raise ChannelRefused(path=path) from error
    if not known:
        writer.close()
        raise ChannelRefused(path=path)
    return reader, writer


async def _prove(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    token: str,
    *,
    mine: bytes,
    theirs: bytes,
) -> bool:
    """Exchange nonces and answers: whether the other side knows the token, which stays secret."""
    nonce = secrets.token_bytes(_NONCE)
    writer.write(nonce)
    await writer.drain()
    challenge = await reader.readexactly(_NONCE)
    writer.write(_answer(token, mine, challenge))
    await writer.drain()
    given = await reader.readexactly(_NONCE)
    return hmac.compare_digest(given, _answer(token, theirs, nonce))


def _answer(token: str, side: bytes, nonce: bytes) -> bytes:
    return hmac.digest(token.encode(), side + nonce, "sha256")
