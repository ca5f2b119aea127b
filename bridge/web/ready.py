# SPDX-License-Identifier: Apache-2.0
"""An answer that is put together once and sent to many requests."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter


class ReadyAnswer(web.StreamResponse):
    """A small answer with status 200 whose bytes are the same for all who ask.

    Another answer belongs to one request: its headers are made, completed and encoded each time,
    which is most of the work of answering a question that needs no thought.
    """

    def __init__(self, body: bytes, headers: Mapping[str, str]) -> None:
        """`headers` without length and date; the date is that of now."""
        head = {**headers, "Content-Length": str(len(body)), "Date": formatdate(usegmt=True)}
        super().__init__(headers=head)
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        self._bytes = f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + body

    @staticmethod
    def suits(request: web.BaseRequest) -> bool:
        """Whether the answer to `request` need not speak of its connection."""
        return request.version == HttpVersion11 and request.keep_alive

    @property
    def keep_alive(self) -> bool:
        """The connection stays open, see `suits`."""
        return True

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter:
        """Send all of it."""
        await request.writer.write_eof(self._bytes)
        return request.writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to send."""
