# SPDX-License-Identifier: Apache-2.0
"""Alerts reach the address of the person's choice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bridge.alert_webhook import AlertWebhook, WebhookRefused
from node_manager.alerts.alert import Alert, AlertCleared, AlertKind, AlertRaised
from node_manager.events import Broadcast
from node_manager.explanation import Explanation

ALERT = Alert(AlertKind.JAILED, "one", "first", Explanation("j", "Jailed.", "Why.", "Unjail."), 1e9)


async def served(answers: list[int]) -> tuple[TestServer, list[dict[str, Any]]]:
    got: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        got.append(await request.json())
        return web.Response(status=answers.pop(0) if answers else 204)

    app = web.Application()
    app.router.add_post("/hook", take)
    server = TestServer(app)
    await server.start_server()
    return server, got


async def until(look: Any) -> None:
    for _turn in range(200):
        if look():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nothing arrived")


async def test_what_is_raised_and_cleared_arrives_in_words() -> None:
    server, got = await served([])
    broadcast = Broadcast()
    hook = AlertWebhook(broadcast, lambda: str(server.make_url("/hook")))
    hook.start()
    broadcast.publish(AlertRaised(ALERT, notify=True))
    broadcast.publish(AlertCleared(ALERT, notify=True))
    await until(lambda: len(got) == 2)
    await hook.close()
    await server.close()
    assert got[0]["text"] == got[0]["content"] == "first: Jailed. Why. Unjail."
    assert (got[0]["kind"], got[0]["state"], got[0]["urgent"]) == ("jailed", "raised", True)
    assert got[1]["state"] == "cleared"


async def test_silenced_alerts_and_an_empty_address_send_nothing() -> None:
    server, got = await served([])
    broadcast, address = Broadcast(), ""
    hook = AlertWebhook(broadcast, lambda: address)
    hook.start()
    broadcast.publish(AlertRaised(ALERT, notify=True))
    address = str(server.make_url("/hook"))
    broadcast.publish(AlertRaised(ALERT, notify=False))
    await asyncio.sleep(0.1)
    await hook.close()
    await server.close()
    assert got == []


async def test_a_server_that_fails_is_asked_again() -> None:
    server, got = await served([500, 503])
    broadcast = Broadcast()
    hook = AlertWebhook(broadcast, lambda: str(server.make_url("/hook")), first_wait=0.01)
    hook.start()
    broadcast.publish(AlertRaised(ALERT, notify=True))
    await until(lambda: len(got) == 3)
    await hook.close()
    await server.close()


async def test_a_trial_says_why_it_does_not_arrive_and_keeps_the_address_to_itself() -> None:
    hook = AlertWebhook(Broadcast(), lambda: "http://127.0.0.1:9/secret-token")
    with pytest.raises(WebhookRefused) as refused:
        await hook.try_out()
    assert "secret-token" not in str(refused.value)
    with pytest.raises(WebhookRefused, match="https://"):
        await AlertWebhook(Broadcast(), lambda: "ftp://example").try_out()
