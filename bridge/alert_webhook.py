# SPDX-License-Identifier: Apache-2.0
"""Alerts to an address of the person's choice, as JSON that chat services show as it is.

`text` is what Slack, Mattermost and Rocket.Chat show, `content` what Discord shows; the other
fields are for programs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

from node_manager.alerts.alert import Alert, AlertCleared, AlertRaised
from node_manager.events import Broadcast, Event
from node_manager.explanation import OneClickError
from node_manager.tasks import TaskGroup

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 10.0
TRIES = 4
FIRST_WAIT = 5.0
KEPT = 50
"""Alerts that wait while the address does not answer; older ones are dropped."""


class WebhookRefused(OneClickError):
    """The address is none to which alerts can be sent, or it does not take them."""

    code = "webhook-refused"
    what = "The alert address does not take alerts."
    why = "{reason}"
    todo = "Check the address in Settings. Alerts still show on this computer."


class AlertWebhook:
    """Sends what is raised and cleared to the address that `url` tells; none when it is empty."""

    def __init__(
        self, broadcast: Broadcast, url: Callable[[], str], *, first_wait: float = FIRST_WAIT
    ) -> None:
        self._broadcast, self._url, self._first_wait = broadcast, url, first_wait
        self._waiting: asyncio.Queue[dict[str, object]] = asyncio.Queue(KEPT)
        self._unsubscribe: Callable[[], None] | None = None
        self._tasks = TaskGroup()

    def start(self) -> None:
        """Listen from now on."""
        self._unsubscribe = self._broadcast.subscribe(self.hear)
        self._tasks.spawn(self._run(), name="alert webhook")

    async def close(self) -> None:
        """Stop; what still waits is dropped. Harmless when it is closed."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        await self._tasks.close()

    def hear(self, event: Event) -> None:
        """Listener of the broadcast, on the engine's loop."""
        if isinstance(event, AlertRaised | AlertCleared) and event.notify and self._url():
            state = "raised" if isinstance(event, AlertRaised) else "cleared"
            if self._waiting.full():
                self._waiting.get_nowait()
            self._waiting.put_nowait(body_of(event.alert, state))

    async def try_out(self) -> None:
        """Send a trial message once.

        Raises:
            WebhookRefused: with the reason.
        """
        text = "One-Click Validator: alerts arrive here."
        async with ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS)) as session:
            await self._send(session, {"text": text, "content": text, "state": "trial"})

    async def _run(self) -> None:
        async with ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS)) as session:
            while True:
                body = await self._waiting.get()
                await self._try(session, body)

    async def _try(self, session: ClientSession, body: dict[str, object]) -> None:
        for attempt in range(TRIES):
            try:
                await self._send(session, body)
            except WebhookRefused as error:
                log.info("alert not sent", attempt=attempt + 1, reason=error.facts.get("reason"))
                await asyncio.sleep(self._first_wait * 2**attempt)
            else:
                return

    async def _send(self, session: ClientSession, body: dict[str, object]) -> None:
        url = self._url()
        if urlsplit(url).scheme not in {"http", "https"}:
            raise WebhookRefused(reason="It does not begin with https:// or http://.")
        try:
            async with session.post(url, json=body, allow_redirects=False) as response:
                if response.status >= 300:
                    raise WebhookRefused(reason=f"It answers {response.status}.")
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            # The address may hold a token: it is neither told nor logged.
            raise WebhookRefused(reason=f"It is not reached ({type(error).__name__}).") from error


def body_of(alert: Alert, state: str) -> dict[str, object]:
    """The message of an alert."""
    what, why, todo = alert.explanation.filled()
    name = alert.moniker or "One-Click Validator"
    words = f"{name}: over: {what}" if state == "cleared" else f"{name}: {what} {why} {todo}"
    return {
        "text": words.strip(),
        "content": words.strip(),
        "state": state,
        "kind": alert.kind.value,
        "validator": alert.node_id,
        "urgent": alert.urgent,
        "since": alert.since,
        "at": time.time(),
        "what": what,
        "why": why,
        "todo": todo,
    }
