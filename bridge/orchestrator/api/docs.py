# SPDX-License-Identifier: Apache-2.0
"""`/openapi.json` and the Swagger page at `/docs`, its files served from here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from aiohttp import web

from bridge.device import KEY_HEADER
from bridge.web.errors import NoSuchThing
from bridge.web.openapi import Document, openapi
from bridge.web.routes import JSON, Media, Route
from node_manager.version import VERSION

DOCUMENT = Document(
    title="One-Click Validator orchestrator",
    version=VERSION,
    description="Setup requests, heartbeats and cloud validators. Reading is open; a change needs "
    "a session of the wallet (see auth), a heartbeat the signature of its device.",
    security={
        "wallet": {"type": "http", "scheme": "bearer", "description": "Session of a wallet."},
        "operator": {"type": "http", "scheme": "bearer", "description": "Key of an operator."},
        "device": {
            "type": "apiKey",
            "in": "header",
            "name": KEY_HEADER,
            "description": "With X-Device-Time and X-Device-Signature (ed25519).",
        },
    },
    always=(429, 500),
)

_FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>One-Click Validator API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</body></html>
"""
_START = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", validatorUrl: null});\n'


def docs_routes(routes: Sequence[Route]) -> list[Route]:
    """The document of `routes`, and the page that shows it."""
    document = json.dumps(openapi(DOCUMENT, routes)).encode()

    async def described(request: web.Request) -> web.StreamResponse:
        return web.Response(body=document, content_type=JSON)

    return [
        Route("GET", "/openapi.json", described, "This document", {200: Media(JSON)}),
        Route("GET", "/docs", _page, "The document as a page", {200: Media("text/html")}),
        Route("GET", "/docs/start.js", _start, "Its start", {200: Media("text/javascript")}),
        Route("GET", "/docs/{file}", _file, "Its files", {200: Media("text/javascript")}),
    ]


async def _page(request: web.Request) -> web.StreamResponse:
    return web.Response(
        text=_PAGE, content_type="text/html", headers={"Content-Security-Policy": _POLICY}
    )


async def _start(request: web.Request) -> web.StreamResponse:
    return web.Response(text=_START, content_type="text/javascript")


async def _file(request: web.Request) -> web.StreamResponse:
    name = request.match_info["file"]
    kind, folder = _FILES.get(name), _folder()
    if kind is None or folder is None:
        raise NoSuchThing(thing=f"/docs/{name[:64]}")
    content = await asyncio.to_thread((folder / name).read_bytes)
    return web.Response(
        body=content, content_type=kind, headers={"Cache-Control": "public, max-age=86400"}
    )


def _folder() -> Path | None:
    """The files of swagger-ui-py, without importing it."""
    found = find_spec("swagger_ui")
    places = found.submodule_search_locations if found is not None else None
    return Path(places[0]) / "static" if places else None
