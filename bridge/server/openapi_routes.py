# SPDX-License-Identifier: Apache-2.0
"""`/openapi.json`: the public door, described from the routes it serves."""

from __future__ import annotations

import json
from collections.abc import Sequence

from aiohttp import web

from bridge.server.pairing_store import Scope
from bridge.web.openapi import Document, openapi
from bridge.web.routes import JSON, Media, Route
from node_manager.version import VERSION

_DESCRIPTION = (
    "Lets a website find the validators of this computer. Reading what is public is open to the "
    "websites on the list in Settings; everything else needs a pairing that the person allows."
)

DOCUMENT = Document(
    title="One-Click Validator bridge",
    version=VERSION,
    description=_DESCRIPTION,
    security={
        scope.value: {
            "type": "http",
            "scheme": "bearer",
            "description": f"Token of a pairing with the scope {scope.value}.",
        }
        for scope in Scope
    },
    always=(403, 500),
)


def document_route(routes: Sequence[Route]) -> Route:
    """The route that answers with the document of `routes`."""
    body = json.dumps(openapi(DOCUMENT, routes)).encode()

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type=JSON)

    return Route("GET", "/openapi.json", handler, "This document", {200: Media(JSON)})
