# SPDX-License-Identifier: Apache-2.0
"""The engine on a thread and loop of its own, for a front end with another loop."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from bridge.engine import Engine, EngineOptions
from node_manager.events import Event

T = TypeVar("T")

TURN_SECONDS = 0.001
"""How long one thread keeps the interpreter while another waits for it.

Python's own 5 ms, several times in one picture of the window, is a picture too late when the
bridge is busy.
"""


class EngineThread:
    """Commands go in as coroutines and come back as futures; events come out by a callback."""

    def __init__(self, options: EngineOptions) -> None:
        self._options = options
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The engine; to be touched from its own loop only (see `call`)."""
        if self._engine is None:
            raise RuntimeError("the engine thread is not started")
        return self._engine

    def start(self, listener: Callable[[Event], None]) -> Future[None]:
        """Start the thread and open the engine; `listener` is called from that thread."""
        sys.setswitchinterval(TURN_SECONDS)
        self._thread.start()

        async def opening() -> None:
            self._engine = Engine(self._options)
            self._engine.broadcast.subscribe(listener)
            await self._engine.open()

        return asyncio.run_coroutine_threadsafe(opening(), self._loop)

    def call(self, act: Callable[[Engine], Coroutine[Any, Any, T]]) -> Future[T]:
        """Run `act(engine)` on the engine's loop."""

        async def acting() -> T:
            return await act(self.engine)

        return asyncio.run_coroutine_threadsafe(acting(), self._loop)

    def close(self, *, stop_nodes: bool) -> Future[None]:
        """Close the engine and end its loop; the future is done when the engine is closed."""

        async def closing() -> None:
            try:
                if self._engine is not None:
                    await self._engine.close(stop_nodes=stop_nodes)
            finally:
                self._loop.call_later(0.05, self._loop.stop)

        return asyncio.run_coroutine_threadsafe(closing(), self._loop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()
