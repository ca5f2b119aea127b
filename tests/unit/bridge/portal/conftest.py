# SPDX-License-Identifier: Apache-2.0
"""The portal's files on a small server, and a page in which its modules can be asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page

from bridge.orchestrator.portal.files import PortalFiles
from bridge.web.problems import problems
from bridge.web.routes import add_routes
from tests.helpers.browser import chromium


async def ticks(request: web.Request) -> web.StreamResponse:
    """Three events, then nothing more on an open connection."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for number in range(3):
        await response.write(f'event: tick\ndata: {{"number": {number}}}\n\n'.encode())
    await asyncio.sleep(30)
    return response


@pytest.fixture
async def site() -> AsyncIterator[TestServer]:
    app = web.Application(middlewares=[problems])
    add_routes(app, PortalFiles(15000).routes())
    app.router.add_get("/ticks", ticks)
    async with TestServer(app) as server:
        yield server


@pytest.fixture
async def page(site: TestServer) -> AsyncIterator[Page]:
    async with chromium() as browser:
        page = await (await browser.new_context(locale="en-GB")).new_page()
        await page.goto(str(site.make_url("/")))
        yield page
