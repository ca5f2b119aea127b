# SPDX-License-Identifier: Apache-2.0
"""Hearing of the end of a process, own child or not, on the running event loop."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable

POLL_SECONDS = 0.25


class ExitWatch:
    """Calls `ended` once when the process is gone.

    With a handle (a pidfd) the loop wakes at once; without one, or on a loop that takes no
    readers, `gone` is asked four times a second. No task stays behind: a loop may close with
    the process still running.
    """

    def __init__(
        self, handle: int | None, gone: Callable[[], bool], ended: Callable[[], None]
    ) -> None:
        self._handle = handle
        self._gone = gone
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle | None = None
        if handle is not None:
            try:
                self._loop.add_reader(handle, self._finish)
                # the process may have ended, and another got its pid, before the handle was made
                self._timer = self._loop.call_soon(self._verify)
                return
            except NotImplementedError:
                self._close_handle()
        self._timer = self._loop.call_later(0, self._poll)

    def close(self) -> None:
        """Stop watching."""
        if self._timer is not None:
            self._timer.cancel()
        self._close_handle()

    def _close_handle(self) -> None:
        if self._handle is not None:
            # a loop without readers, or one that is closed already
            with contextlib.suppress(NotImplementedError, RuntimeError):
                self._loop.remove_reader(self._handle)
            os.close(self._handle)
            self._handle = None

    def _verify(self) -> None:
        if self._gone():
            self._finish()

    def _poll(self) -> None:
        if self._gone():
            self._finish()
        else:
            self._timer = self._loop.call_later(POLL_SECONDS, self._poll)

    def _finish(self) -> None:
        self.close()
        self._ended()
