# SPDX-License-Identifier: Apache-2.0
"""The engine's events as a stream: what is not read in time is merged, never piled up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from bridge.server.models import NodeBody, ReasonBody
from bridge.server.view import NodesView
from node_manager.events import Broadcast, DoorChanged, Event, NodeChanged, NodeRemoved

MERGE_SECONDS = 0.2
"""Changes of one node within this time are sent as one."""


class Feed:
    """What one reader of the stream has not been told yet."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._news: dict[tuple[str, str], tuple[str, Event | None]] = {}
        self._ready = asyncio.Event()

    def hear(self, event: Event) -> None:
        """Listener of the broadcast; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._note, event)

    def _note(self, event: Event) -> None:
        match event:
            case NodeChanged(status):
                self._news["node", status.node_id] = ("node", event)
            case NodeRemoved(node_id):
                self._news.pop(("node", node_id), None)
                self._news["removed", node_id] = ("removed", event)
            case DoorChanged(door=door):
                self._news["door", door] = ("door", event)
            case _:
                return
        self._ready.set()

    async def next(self) -> list[tuple[str, Event | None]]:
        """Wait for news, give some more time to come, and take them all."""
        await self._ready.wait()
        await asyncio.sleep(MERGE_SECONDS)
        self._ready.clear()
        news = list(self._news.values())
        self._news.clear()
        return news


async def events(view: NodesView, broadcast: Broadcast) -> AsyncIterator[tuple[str, str]]:
    """All nodes as they are, then each change: events "node", "removed" and "door"."""
    feed = Feed(asyncio.get_running_loop())
    unsubscribe = broadcast.subscribe(feed.hear)
    try:
        for status in view.statuses():
            yield "node", NodeBody.of(status).model_dump_json(by_alias=True)
        while True:
            for name, event in await feed.next():
                yield name, _data(event)
    finally:
        unsubscribe()


def _data(event: Event | None) -> str:
    match event:
        case NodeChanged(status):
            return NodeBody.of(status).model_dump_json(by_alias=True)
        case NodeRemoved(node_id):
            return json.dumps({"id": node_id})
        case DoorChanged():
            reason = ReasonBody.of(event.reason)
            return json.dumps(
                {
                    "door": event.door,
                    "state": event.state,
                    "note": event.note,
                    "at": event.at,
                    "reason": None if reason is None else reason.model_dump(by_alias=True),
                }
            )
        case _:
            return "{}"
