# SPDX-License-Identifier: Apache-2.0
"""Pairing: a person allows one website, and only that one."""

from __future__ import annotations

import asyncio
import itertools
import json
import stat
from typing import Any

import pytest

from bridge.server.errors import PairingBlocked, PairingMustWait, PairingUnknown
from bridge.server.pairing import ASK_SECONDS, CODE_ALPHABET, PairingRequested, Pairings
from bridge.server.pairing_store import PairingStore, Scope
from bridge.server.server import BridgeOptions
from node_manager.events import Broadcast
from node_manager.layout import Layout
from tests.unit.bridge.conftest import PORTAL, Door
from tests.unit.bridge.server.test_guard import paired

SITE = "https://new.example"
GONE = "4096.00000000"
OTHER = "https://other.example"


async def ask(
    door: Door, origin: str = SITE, scopes: tuple[str, ...] = ("read",)
) -> tuple[int, dict]:  # type: ignore[type-arg]
    async with door.client.post(
        f"{door.url}/v1/pairing", json={"scopes": list(scopes)}, headers={"Origin": origin}
    ) as response:
        return response.status, await response.json()


async def claim(door: Door, request_id: str, code: str, origin: str = SITE) -> tuple[int, dict]:  # type: ignore[type-arg]
    async with door.client.post(
        f"{door.url}/v1/pairing/claim",
        json={"id": request_id, "code": code},
        headers={"Origin": origin},
    ) as response:
        return response.status, await response.json()


async def read(door: Door, path: str, token: str, origin: str | None = SITE) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    if origin is not None:
        headers["Origin"] = origin
    async with door.client.get(door.url + path, headers=headers) as response:
        return response.status


async def test_the_app_shows_the_same_code_and_origin(door: Door) -> None:
    status, asked = await ask(door, scopes=("read", "logs"))
    told = [event for event in door.events if isinstance(event, PairingRequested)]
    assert status == 202
    assert [(one.id, one.origin, one.code, one.scopes) for one in told] == [
        (asked["id"], SITE, asked["code"], ("logs", "read"))
    ]


async def test_the_token_comes_only_after_the_person_allowed(door: Door) -> None:
    _, asked = await ask(door)
    status, waiting = await claim(door, asked["id"], asked["code"])
    assert (status, waiting["state"], waiting["token"]) == (202, "waiting", None)
    door.server.pairings.decide(asked["id"], "once")
    status, made = await claim(door, asked["id"], asked["code"])
    assert status == 200
    assert await read(door, "/v1/nodes", made["token"]) == 200
    assert (await claim(door, asked["id"], asked["code"]))[0] == 404


async def test_a_refusal_is_told(door: Door) -> None:
    _, asked = await ask(door)
    door.server.pairings.decide(asked["id"], "refuse")
    status, told = await claim(door, asked["id"], asked["code"])
    assert (status, told["code"]) == (403, "pairing-refused")
    with pytest.raises(PairingUnknown):
        door.server.pairings.decide(asked["id"], "always")


async def test_what_the_person_said_first_stands(door: Door) -> None:
    _, asked = await ask(door)
    door.server.pairings.decide(asked["id"], "refuse")
    with pytest.raises(PairingUnknown):
        door.server.pairings.decide(asked["id"], "always")
    assert (await claim(door, asked["id"], asked["code"]))[1]["code"] == "pairing-refused"


async def test_the_code_of_one_request_does_not_open_another(door: Door) -> None:
    _, first = await ask(door)
    _, second = await ask(door)
    door.server.pairings.decide(second["id"], "always")
    assert (await claim(door, first["id"], second["code"]))[0] == 404
    assert (await claim(door, second["id"], second["code"]))[0] == 200


async def test_a_token_is_bound_to_its_origin(door: Door) -> None:
    token = await paired(door, SITE, ["read"])
    assert await read(door, "/v1/nodes", token) == 200
    for origin in (PORTAL, OTHER, "null", None):
        assert await read(door, "/v1/nodes", token, origin) == 403


async def test_a_scope_covers_no_other(door: Door) -> None:
    token = await paired(door, SITE, ["read"])
    assert await read(door, "/v1/nodes/alpha", token) == 200
    assert await read(door, "/v1/nodes/alpha/logs", token) == 403
    assert await read(door, "/logs", token) == 403
    headers = {"Origin": SITE, "Authorization": f"Bearer {token}"}
    async with door.client.post(
        f"{door.url}/v1/nodes/alpha/stop", json={}, headers=headers
    ) as response:
        assert response.status == 403
    assert door.view.nodes["alpha"].state == "running"


async def test_control_stops_and_starts(door: Door) -> None:
    token = await paired(door, SITE, ["control"])
    headers = {"Origin": SITE, "Authorization": f"Bearer {token}"}
    url = f"{door.url}/v1/nodes/alpha"
    async with door.client.post(f"{url}/stop", json={}, headers=headers) as response:
        assert (await response.json())["state"] == "stopped"
    async with door.client.post(f"{url}/stop", data="{}", headers=headers) as response:
        assert response.status == 415


async def test_logs_of_a_paired_site_are_the_node_s_own(door: Door) -> None:
    door.view.log_path("alpha", "node").write_text("one\ntwo\nthree\n")
    token = await paired(door, SITE, ["logs"])
    headers = {"Origin": SITE, "Authorization": f"Bearer {token}"}
    async with door.client.get(f"{door.url}/logs?lines=2", headers=headers) as response:
        assert await response.json() == {"success": True, "logs": ["two", "three"]}


async def test_only_the_hash_of_a_token_is_kept_and_it_outlives_the_app(
    door: Door, layout: Layout
) -> None:
    token = await paired(door, SITE, ["read"])
    file = layout.data / "pairings.json"
    assert token not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = PairingStore(file)
    again.load()
    found = again.find(token)
    assert found is not None
    assert (found.origin, found.scopes) == (SITE, [Scope.READ])


async def test_once_ends_with_the_app(door: Door, layout: Layout) -> None:
    _, asked = await ask(door)
    door.server.pairings.decide(asked["id"], "once")
    await claim(door, asked["id"], asked["code"])
    assert [one.origin for one in door.server.pairings.all()] == [SITE]
    assert not (layout.data / "pairings.json").exists()


async def test_a_revoked_token_no_longer_holds(door: Door, layout: Layout) -> None:
    token = await paired(door, SITE, ["read"])
    door.server.pairings.revoke(door.server.pairings.all()[0].id)
    assert await read(door, "/v1/nodes", token) == 403
    assert json.loads((layout.data / "pairings.json").read_text())["pairings"] == []


async def test_a_website_that_keeps_asking_keeps_no_other_away(door: Door) -> None:
    """It asks and guesses until it may not any more; the person's own site is paired."""
    for _ in range(8):
        _, eager = await ask(door)
    for _ in range(20):
        guess = await claim(door, "x", "222222")
    assert (eager["code"], guess[1]["code"]) == ("too-many-requests", "too-many-requests")
    status, wanted = await ask(door, OTHER)
    assert status == 202
    assert [one.origin for one in door.server.pairings.waiting] == [SITE, OTHER]
    door.server.pairings.decide(wanted["id"], "always")
    assert (await claim(door, wanted["id"], wanted["code"], OTHER))[0] == 200
    assert [one.origin for one in door.server.pairings.waiting] == [SITE]


async def test_a_new_request_replaces_only_its_own(door: Door) -> None:
    _, other = await ask(door, OTHER)
    _, first = await ask(door)
    _, second = await ask(door)
    assert [one.id for one in door.server.pairings.waiting] == [other["id"], second["id"]]
    assert (await claim(door, first["id"], first["code"]))[0] == 404


async def test_asking_anew_does_not_escape_a_refusal(door: Door) -> None:
    """The person answered the question that was shown; an allowance is for that one only."""
    _, shown = await ask(door)
    await ask(door)
    with pytest.raises(PairingUnknown):
        await door.server.pairings.answer(shown["id"], "always")
    await door.server.pairings.answer(shown["id"], "never")
    assert door.server.pairings.waiting == []
    assert (await ask(door))[1]["code"] == "pairing-blocked"


async def test_subdomains_do_not_take_every_place(door: Door) -> None:
    answers = [await ask(door, f"https://a{number}.eager.example") for number in range(5)]
    assert [status for status, _ in answers] == [202, 202, 429, 429, 429]
    assert answers[-1][1]["code"] == "pairing-busy"
    assert (await ask(door, OTHER))[0] == 202


async def test_no_more_websites_wait_than_a_person_can_answer(door: Door) -> None:
    answers = [await ask(door, f"https://eager{number}.example") for number in range(9)]
    assert [status for status, _ in answers] == [202] * 8 + [429]
    door.server.pairings.decide(door.server.pairings.waiting[0].id, "refuse")
    assert (await ask(door, OTHER))[0] == 202


async def test_a_refused_website_waits_longer_each_time(layout: Layout) -> None:
    now = 0.0
    pairings = Pairings(PairingStore(layout.data / "pairings.json"), Broadcast(), clock=lambda: now)
    read_only = frozenset({Scope.READ})
    waits = []
    for _ in range(5):
        pairings.decide(pairings.ask(SITE, read_only).id, "refuse")
        with pytest.raises(PairingMustWait) as caught:
            pairings.ask(SITE, read_only)
        waits.append(caught.value.facts["seconds"])
        pairings.ask(OTHER, read_only)
        now += waits[-1]
    assert waits == [60, 240, 960, 3600, 3600]
    pairings.decide(pairings.ask(SITE, read_only).id, "once")
    pairings.decide(pairings.ask(SITE, read_only).id, "refuse")
    with pytest.raises(PairingMustWait) as caught:
        pairings.ask(SITE, read_only)
    assert caught.value.facts["seconds"] == 60


async def test_nobody_at_the_computer_is_no_refusal(layout: Layout) -> None:
    now = 0.0
    pairings = Pairings(PairingStore(layout.data / "pairings.json"), Broadcast(), clock=lambda: now)
    pairings.ask(SITE, frozenset({Scope.READ}))
    now = ASK_SECONDS + 1
    assert pairings.ask(SITE, frozenset({Scope.READ})) in pairings.waiting


async def test_a_website_that_may_not_ask_stays_away_after_a_restart(
    door: Door, layout: Layout
) -> None:
    token = await paired(door, OTHER, ["read"])
    _, asked = await ask(door)
    await door.server.pairings.answer(asked["id"], "never")
    assert (await claim(door, asked["id"], asked["code"]))[1]["code"] == "pairing-refused"
    status, told = await ask(door)
    assert (status, told["code"]) == (403, "pairing-blocked")
    assert await read(door, "/v1/nodes", token, OTHER) == 200
    store = PairingStore(layout.data / "pairings.json")
    store.load()
    again = Pairings(store, Broadcast())
    assert (again.blocked(), [one.origin for one in again.all()]) == ([SITE], [OTHER])
    with pytest.raises(PairingBlocked):
        again.ask(SITE, frozenset({Scope.READ}))
    await again.let_ask(SITE)
    again.ask(SITE, frozenset({Scope.READ}))


async def test_a_plain_refusal_is_forgotten_with_the_app(door: Door, layout: Layout) -> None:
    _, asked = await ask(door)
    await door.server.pairings.answer(asked["id"], "refuse")
    assert (await ask(door))[1]["code"] == "pairing-must-wait"
    assert not (layout.data / "pairings.json").exists()


async def test_a_website_cannot_claim_what_another_asked(door: Door) -> None:
    _, asked = await ask(door)
    door.server.pairings.decide(asked["id"], "always")
    assert (await claim(door, asked["id"], asked["code"], OTHER))[0] == 404


async def test_ten_thousand_guesses_find_nothing(door: Door) -> None:
    _, asked = await ask(door)
    door.server.pairings.decide(asked["id"], "always")
    codes = ("".join(signs) for signs in itertools.product(CODE_ALPHABET, repeat=6))
    gate = asyncio.Semaphore(50)

    async def guess(code: str) -> int:
        async with gate:
            return (await claim(door, asked["id"], code))[0]

    wrong = [code for code in itertools.islice(codes, 10_000) if code != asked["code"]]
    answers = await asyncio.gather(*(guess(code) for code in wrong))
    assert 200 not in answers
    assert answers.count(403) <= 3
    assert answers.count(429) > 9_900
    assert door.server.pairings.all() == []
    async with door.client.get(f"{door.url}/status") as response:
        assert response.status == 200


async def test_asking_too_often_is_limited(door: Door) -> None:
    answers = [(await ask(door))[0] for _ in range(8)]
    assert answers[:6] == [202] * 6
    assert answers[6:] == [429] * 2


async def test_an_unanswered_request_runs_out(layout: Layout) -> None:
    now = 0.0
    pairings = Pairings(PairingStore(layout.data / "pairings.json"), Broadcast(), clock=lambda: now)
    request = pairings.ask(SITE, frozenset({Scope.READ}))
    now = ASK_SECONDS + 1
    assert pairings.waiting == []
    with pytest.raises(PairingUnknown):
        pairings.decide(request.id, "always")
    pairings.ask(OTHER, frozenset({Scope.READ}))


async def test_a_profile_can_be_set_by_a_paired_site(door: Door) -> None:
    token = await paired(door, SITE, ["read", "control"])
    headers = {"Origin": SITE, "Authorization": f"Bearer {token}"}
    url = f"{door.url}/v1/nodes/alpha/setup"
    wish = {
        "moniker": "Anna",
        "commissionRate": "0.05",
        "commissionMaxRate": "0.2",
        "commissionMaxChangeRate": "0.01",
    }
    async with door.client.get(url, headers=headers) as response:
        assert response.status == 404
    async with door.client.put(
        url, json={**wish, "moniker": "ü" * 40}, headers=headers
    ) as response:
        assert response.status == 422
    async with door.client.put(url, json=wish, headers=headers) as response:
        assert response.status == 200
    async with door.client.get(url, headers=headers) as response:
        assert (await response.json())["moniker"] == "Anna"


async def test_events_reach_a_paired_site(door: Door) -> None:
    token = await paired(door, SITE, ["read"])
    headers = {"Origin": SITE, "Authorization": f"Bearer {token}"}
    async with door.client.get(f"{door.url}/v1/events", headers=headers) as response:
        assert response.content_type == "text/event-stream"
        assert response.headers["Access-Control-Allow-Origin"] == SITE
        assert await response.content.readline() == b"event: node\n"


async def test_a_revoked_pairing_takes_its_streams_along(door: Door) -> None:
    log = door.view.log_path("alpha", "node")
    log.write_text("one\n")
    token = await paired(door, SITE, ["logs"])
    headers = {"Origin": SITE, "Authorization": f"Bearer {token}"}
    url = f"{door.url}/v1/nodes/alpha/logs?follow=true"
    async with asyncio.timeout(20), door.client.get(url, headers=headers) as response:
        assert await response.content.readuntil(b"\n\n") == b'event: line\ndata: "one"\n\n'
        [pairing] = door.server.pairings.all()
        door.server.pairings.revoke(pairing.id)
        log.write_text("one\nsecret\n")
        assert await response.content.read() == b""


async def test_a_log_is_read_page_by_page(door: Door) -> None:
    log = door.view.log_path("alpha", "node")
    log.write_text("".join(f"{number}\n" for number in range(5)))
    token = await paired(door, SITE, ["logs"])
    headers = {"Origin": SITE, "Authorization": f"Bearer {token}"}

    async def page(before: str | None) -> dict[str, Any]:
        query = {"lines": "2"} | ({"before": before} if before else {})
        url = f"{door.url}/v1/nodes/alpha/logs"
        async with door.client.get(url, params=query, headers=headers) as response:
            assert response.status == (404 if before == GONE else 200)
            return dict(await response.json())

    newest = await page(None)
    assert newest["lines"] == ["3", "4"]
    with log.open("a") as file:
        file.write("5\n")
    older = await page(newest["older"])
    oldest = await page(older["older"])
    assert (older["lines"], oldest["lines"], oldest["older"]) == (["1", "2"], ["0"], None)
    assert (await page(GONE))["title"] == "This part of the log is not known here."


async def test_metrics_leave_out_what_is_not_known(door: Door) -> None:
    async with door.client.get(f"{door.url}/metrics") as response:
        text = await response.text()
    assert (
        'oneclick_node_height{chain_id="omniphi-localnet-1",moniker="Tester",node="alpha"} 4182.0'
        in text
    )
    assert "oneclick_node_jailed{" not in text


async def test_metrics_are_not_there_when_settings_say_so(door: Door) -> None:
    assert door.server.follow(BridgeOptions(port=0, metrics=False))
    async with door.client.get(f"{door.url}/metrics") as response:
        assert response.status == 404
        assert "oneclick_node" not in await response.text()
