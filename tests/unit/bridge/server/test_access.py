# SPDX-License-Identifier: Apache-2.0
"""Every route of the public door against nobody and against a token of each scope."""

from __future__ import annotations

import re

import pytest
from aiohttp import ClientTimeout

from tests.unit.bridge.conftest import Door
from tests.unit.bridge.server.test_guard import paired

SITE = "https://new.example"
SCOPES = ("read", "logs", "control")
NODE = "/v1/nodes/{id}"
NEEDS = {
    ("GET", "/logs"): "logs",
    ("GET", "/v1/nodes"): "read",
    ("GET", "/v1/events"): "read",
    ("GET", NODE): "read",
    ("GET", f"{NODE}/logs"): "logs",
    ("GET", f"{NODE}/setup"): "read",
    ("PUT", f"{NODE}/setup"): "control",
    ("POST", f"{NODE}/start"): "control",
    ("POST", f"{NODE}/stop"): "control",
    ("POST", f"{NODE}/restart"): "control",
}
OPEN = {
    ("GET", "/consensus-pubkey"),
    ("GET", "/status"),
    ("GET", "/health"),
    ("POST", "/start"),
    ("POST", "/stop"),
    ("POST", "/v1/pairing"),
    ("POST", "/v1/pairing/claim"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
}
_PLACE = re.compile(r"{[^}]*}")


async def ask(door: Door, method: str, path: str, token: str) -> tuple[int, str]:
    """Status and code of the answer's head; one of them is a stream without an end."""
    headers = {"Origin": SITE, "Authorization": f"Bearer {token}"}
    body = None if method == "GET" else {}
    async with door.client.request(
        method,
        door.url + _PLACE.sub("alpha", path),
        json=body,
        headers=headers,
        timeout=ClientTimeout(5),
    ) as response:
        refused = response.status == 403
        return response.status, (await response.json())["code"] if refused else ""


def test_no_route_is_left_out(door: Door) -> None:
    served = {(route.method, _PLACE.sub("{id}", route.path)) for route in door.server.routes()}
    assert served == {*NEEDS, *OPEN}


def test_the_document_says_who_may(door: Door) -> None:
    for route in door.server.routes():
        needed = NEEDS.get((route.method, _PLACE.sub("{id}", route.path)))
        assert route.needs == ((needed,) if needed else ())


@pytest.mark.parametrize("held", ["", *SCOPES])
async def test_a_token_opens_what_its_scope_covers_and_no_more(door: Door, held: str) -> None:
    token = await paired(door, SITE, [held or "read"])
    if not held:
        door.server.pairings.revoke(door.server.pairings.all()[0].id)
        await paired(door, SITE, ["read"])  # the origin is known, the token is not
    for (method, path), needed in NEEDS.items():
        status, code = await ask(door, method, path, token)
        if held == needed:
            assert status not in {401, 403}, path
        else:
            assert (status, code) == (403, "scope-missing" if held else "not-paired"), path


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer ", "Basic {token}", "{token}"])
async def test_a_token_that_is_not_shown_as_one_counts_for_nothing(door: Door, sent: str) -> None:
    token = await paired(door, SITE, ["read"])
    headers = {"Origin": SITE, "Authorization": sent.format(token=token)}
    async with door.client.get(f"{door.url}/v1/nodes", headers=headers) as response:
        assert response.status == 403
