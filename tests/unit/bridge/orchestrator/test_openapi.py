# SPDX-License-Identifier: Apache-2.0
"""The orchestrator keeps to its document, whatever is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bridge.orchestrator.portal.files import PortalFiles
from node_manager.layout import Layout
from tests.unit.bridge.fuzz import fuzz
from tests.unit.bridge.orchestrator.conftest import Client, client_of
from tests.unit.bridge.orchestrator.wallet import Wallet


@pytest.fixture
async def client(database_url: str, layout: Layout) -> AsyncIterator[Client]:
    """A client of an orchestrator that serves the portal too, without a chain."""
    async with client_of(database_url, layout) as made:
        yield made


async def test_every_route_is_described(client: Client) -> None:
    document = (await client.get("/openapi.json")).body
    served = {route.path.replace(":.+", "") for route in client.orchestrator.routes()}
    pages = {route.path.replace(":.+", "") for route in PortalFiles(15000).routes()}
    assert set(document["paths"]) == {
        path for path in served - pages if not path.startswith(("/docs", "/openapi"))
    }
    assert "/api/v1/portal/wallets/{address}/events" in document["paths"]


@pytest.mark.timeout(240)
async def test_generated_requests_break_nothing(client: Client, alice: Wallet) -> None:
    session = await client.sign_in(alice)
    operator = await client.orchestrator.operators.create("anna")

    def headers_of(method: str, path: str) -> dict[str, str]:
        needs_operator = path.startswith(("/api/v1/operator", "/metrics"))
        return {"Authorization": f"Bearer {operator if needs_operator else session}"}

    # 503: this orchestrator has no chain to ask.
    sent = await fuzz(client.url, headers_of, allowed=frozenset({503}))
    assert sent > 100


async def test_the_page_loads_nothing_from_elsewhere(client: Client) -> None:
    page = await client.get("/docs")
    assert page.status == 200
    assert "http" not in page.body.replace("http-equiv", "")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        assert (await client.get(f"/docs/{name}")).status == 200
    assert (await client.get("/docs/__init__.py")).status == 404
