# SPDX-License-Identifier: Apache-2.0
"""The bridge keeps to its document, whatever is sent."""

from __future__ import annotations

import pytest

from tests.unit.bridge.conftest import Door
from tests.unit.bridge.fuzz import fuzz
from tests.unit.bridge.server.test_guard import paired


async def test_every_route_is_described(door: Door) -> None:
    async with door.client.get(f"{door.url}/openapi.json") as response:
        document = await response.json()
    served = {(route.method.lower(), route.path) for route in door.server.routes()}
    described = {(verb, path) for path, verbs in document["paths"].items() for verb in verbs}
    assert described == served - {("get", "/openapi.json")}


@pytest.mark.timeout(240)
async def test_generated_requests_break_nothing(door: Door) -> None:
    site = "https://new.example"
    token = await paired(door, site, ["read", "logs", "control"])
    headers = {"Origin": site, "Authorization": f"Bearer {token}"}
    sent = await fuzz(door.url, lambda method, path: headers, allowed=frozenset({501}))
    assert sent > 50
