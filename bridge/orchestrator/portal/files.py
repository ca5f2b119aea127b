# SPDX-License-Identifier: Apache-2.0
"""The portal's pages and their files, with a policy that lets no script in but ours."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bridge.web.errors import NoSuchThing
from bridge.web.problems import Handler
from bridge.web.routes import Media, Route
from node_manager.networks.bundled import resources

PAGES = {"/": "index.html", "/wizard": "wizard.html", "/dashboard": "dashboard.html"}
_KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class PortalFile:
    """One file as it is sent."""

    content: bytes
    kind: str
    tag: str


def read_files(folder: Path) -> dict[str, PortalFile]:
    """Every file of the portal by its path below `folder`. Blocks for the disk."""
    found = {}
    for path in sorted(folder.rglob("*")):
        kind = _KINDS.get(path.suffix)
        if kind is not None and path.is_file():
            content = path.read_bytes()
            tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            found[path.relative_to(folder).as_posix()] = PortalFile(content, kind, tag)
    return found


def policy(bridge_port: int) -> str:
    """Content-Security-Policy (W3C, CSP Level 3) of every page.

    Own files only; the one other place a script may talk to is the app on this computer.
    """
    bridge = " ".join(f"http://{host}:{bridge_port}" for host in ("127.0.0.1", "localhost"))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            f"connect-src 'self' {bridge}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


class PortalFiles:
    """Serves the files; what is asked for is a name in a table, never a path on the disk."""

    def __init__(self, bridge_port: int, folder: Path | None = None) -> None:
        self._folder = folder or resources() / "portal"
        self._files: dict[str, PortalFile] | None = None
        self._headers = {
            "Content-Security-Policy": policy(bridge_port),
            "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
            "Cache-Control": "no-cache",
        }

    def routes(self) -> list[Route]:
        """The table of these routes."""
        pages = [
            Route("GET", path, self._page(name), "A page of the portal", {200: Media("text/html")})
            for path, name in PAGES.items()
        ]
        file = Route("GET", "/portal/{name:.+}", self.file, "A file of the portal", {})
        return [*pages, file]

    async def file(self, request: web.Request) -> web.StreamResponse:
        """GET /portal/{name}."""
        return await self._send(request, request.match_info["name"])

    def _page(self, name: str) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            return await self._send(request, name)

        return handler

    async def _send(self, request: web.Request, name: str) -> web.StreamResponse:
        if self._files is None:
            self._files = await asyncio.to_thread(read_files, self._folder)
        found = self._files.get(name)
        if found is None:
            raise NoSuchThing(thing=f"/portal/{name[:100]}")
        headers = {**self._headers, "ETag": found.tag}
        if request.headers.get("If-None-Match") == found.tag:
            return web.Response(status=304, headers=headers)
        return web.Response(
            body=found.content, content_type=found.kind, charset="utf-8", headers=headers
        )
