# SPDX-License-Identifier: Apache-2.0
"""Bytes from where they are published: over HTTP from an offset on, or from a local file."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import aiohttp

from node_manager.downloads.checksum import without_credentials
from node_manager.downloads.errors import (
    AccessRefused,
    ConnectionFailed,
    FileUnreadable,
    NotPublished,
    ServerTrouble,
    Stalled,
    Truncated,
    UrlRefused,
)
from node_manager.downloads.partial import READ_BYTES, Origin
from node_manager.downloads.trust import certificates, is_loopback, redirected, require_scheme

CONNECT_SECONDS = 20.0
BUFFER_BYTES = 4 * 1024 * 1024
"""Of aiohttp's reader: its default of 64 KiB stops and starts the socket all the time."""

_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source gives.

    Attributes:
        origin: what identifies these bytes for a later try.
        start: the offset of the first byte that comes.
        url: where they come from in the end, after redirects.
        chunks: the bytes; ends early only by raising.
    """

    origin: Origin
    start: int
    url: str
    chunks: AsyncGenerator[bytes]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a source.

    Attributes:
        have: bytes on disk already, 0 to begin.
        known: what these bytes belong to.
        checksum: in text, kept with the origin; empty for none.
        stall_seconds: how long no byte may come.
    """

    url: str
    have: int
    known: Origin | None
    checksum: str
    stall_seconds: float


@asynccontextmanager
async def open_source(wanted: Wanted) -> AsyncIterator[Offer]:
    """Open the source for reading.

    Raises:
        DownloadError: as `chunks` also does while they are read.
    """
    if require_scheme(wanted.url) == "file":
        yield _open_file(wanted)
        return
    timeout = aiohttp.ClientTimeout(
        total=None, sock_connect=CONNECT_SECONDS, sock_read=wanted.stall_seconds
    )
    connector = aiohttp.TCPConnector(ssl=await asyncio.to_thread(certificates))
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        # No proxy of the environment stands between this computer and itself.
        trust_env=not is_loopback(wanted.url),
        auto_decompress=False,
        read_bufsize=BUFFER_BYTES,
    ) as session:
        try:
            response, start = await _ask(session, wanted)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _refusal(wanted, error) from error
        async with response:
            yield Offer(
                _origin(response, wanted, start),
                start,
                str(response.url),
                _body(response, wanted, start),
            )


async def _ask(
    session: aiohttp.ClientSession, wanted: Wanted
) -> tuple[aiohttp.ClientResponse, int]:
    """Follow redirects to an answer with bytes: (response, offset of its first byte)."""
    url, hops, have = wanted.url, 0, wanted.have
    while True:
        response = await session.get(
            url, headers=_headers(wanted.known, have), allow_redirects=False
        )
        status = response.status
        if status in (301, 302, 303, 307, 308) and "Location" in response.headers:
            response.close()
            url = redirected(wanted.url, url, response.headers["Location"], hops)
            hops += 1
        elif status == 206 and _range_start(response) == have and have:
            return response, have
        elif status == 200:
            return response, 0
        elif status in (206, 416) and have:
            # Another file than the one that was begun, or a server confused about ranges.
            response.close()
            have = 0
        else:
            response.close()
            raise _status_error(wanted.url, status)


def _headers(known: Origin | None, have: int) -> dict[str, str]:
    headers = {"Accept-Encoding": "identity", "Accept": "*/*"}
    if have and known is not None:
        headers["Range"] = f"bytes={have}-"
        if known.validator:
            headers["If-Range"] = known.validator
    return headers


def _status_error(url: str, status: int) -> NotPublished | AccessRefused | ServerTrouble:
    facts = {"url": without_credentials(url), "status": status}
    if status in (404, 410):
        return NotPublished(**facts)
    if status in (401, 403, 407, 451):
        return AccessRefused(**facts)
    return ServerTrouble(**facts)


def _range_start(response: aiohttp.ClientResponse) -> int | None:
    match = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    return int(match[1]) if match and match[1] else None


def _origin(response: aiohttp.ClientResponse, wanted: Wanted, start: int) -> Origin:
    headers = response.headers
    etag = headers.get("ETag", "")
    length = response.content_length
    return Origin(
        url=wanted.url,
        etag="" if etag.startswith("W/") else etag,
        last_modified=headers.get("Last-Modified", ""),
        total=None if length is None else start + length,
        checksum=wanted.checksum,
    )


async def _body(
    response: aiohttp.ClientResponse, wanted: Wanted, start: int
) -> AsyncGenerator[bytes]:
    done = start
    total = response.content_length
    shown = without_credentials(wanted.url)
    try:
        async for chunk in response.content.iter_any():
            done += len(chunk)
            yield chunk
    except TimeoutError as error:
        raise Stalled(url=shown, seconds=f"{wanted.stall_seconds:g}", done=done) from error
    except (aiohttp.ClientError, ConnectionError) as error:
        whole = "unknown" if total is None else start + total
        raise Truncated(url=shown, done=done, total=whole) from error


def _refusal(wanted: Wanted, error: Exception) -> ConnectionFailed | UrlRefused | Stalled:
    shown = without_credentials(wanted.url)
    if isinstance(error, aiohttp.InvalidURL):
        return UrlRefused(url=shown, reason="It is no complete address.")
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return ConnectionFailed(url=shown, reason="The server does not answer.")
    if isinstance(error, TimeoutError):
        return Stalled(url=shown, seconds=f"{wanted.stall_seconds:g}", done=wanted.have)
    return ConnectionFailed(url=shown, reason=f"{error or type(error).__name__}.")


def _open_file(wanted: Wanted) -> Offer:
    path = Path(url2pathname(urlsplit(wanted.url).path))
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise NotPublished(url=wanted.url, status="that it does not exist") from error
    except OSError as error:
        raise FileUnreadable(path=str(path), reason=error.strerror or str(error)) from error
    if not path.is_file():
        raise FileUnreadable(path=str(path), reason="It is no file.")
    origin = Origin(url=wanted.url, total=size, checksum=wanted.checksum)
    return Offer(origin, 0, wanted.url, _read_file(path))


async def _read_file(path: Path) -> AsyncGenerator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, READ_BYTES):
                yield chunk
    except OSError as error:
        raise FileUnreadable(path=str(path), reason=error.strerror or str(error)) from error
