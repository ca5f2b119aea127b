# SPDX-License-Identifier: Apache-2.0
"""The node's real log, read from its file."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

from bridge.server.view import NodesView
from bridge.web.errors import NoSuchThing
from node_manager.runtime.logfiles import follow, tail
from node_manager.runtime.logpages import LogPage, PlaceGone, read_page


def log_file(view: NodesView, node_id: str, source: str) -> Path:
    """The file of one log.

    Raises:
        NoSuchThing: the node or the log is not known.
    """
    try:
        return view.log_path(node_id, source)
    except KeyError as error:
        raise NoSuchThing(thing=f"The log {source} of {node_id}") from error


async def last_lines(path: Path, lines: int) -> list[str]:
    """The last `lines` lines; none when the child never wrote."""
    return await asyncio.to_thread(tail, path, lines)


async def page_of(path: Path, lines: int, before: str | None) -> LogPage:
    """The last lines, or those before a place that an earlier page told.

    Raises:
        NoSuchThing: what stood there was rotated away.
    """
    try:
        return await asyncio.to_thread(read_page, path, lines, before)
    except PlaceGone as error:
        raise NoSuchThing(thing="This part of the log") from error


async def line_events(path: Path, lines: int) -> AsyncIterator[tuple[str, str]]:
    """The last lines and then each new one, as events named "line"."""
    async for line in follow(path, lines=lines):
        yield "line", json.dumps(line)
