# SPDX-License-Identifier: Apache-2.0
"""The localnet's release server: archives, checksums and the genesis, on loopback only."""

from __future__ import annotations

from pathlib import Path

from aiohttp import hdrs, web

from bridge.localnet.build import load_build
from bridge.localnet.ports import LOOPBACK

FOUND = web.AppKey("found", dict[str, Path])


def published_files(build_folder: Path, www: Path) -> dict[str, Path]:
    """What is served: URL path to file."""
    files = {}
    for path in (www / "genesis.json", www / "genesis.json.sha256"):
        files[f"/{path.name}"] = path
    build = load_build(build_folder)
    for release in build.releases if build else ():
        archive = release.archive
        for path in (archive, archive.with_name(f"{archive.name}.sha256")):
            files[f"/releases/{release.name}/{path.name}"] = path
    return files


def make_app(files: dict[str, Path]) -> web.Application:
    """The server of `files`; Range, ETag and HEAD are answered for each of them."""
    app = web.Application()
    app[FOUND] = files
    app.router.add_get("/{path:.*}", _answer)
    return app


async def _answer(request: web.Request) -> web.StreamResponse:
    path = request.app[FOUND].get(request.path)
    if path is None or not path.is_file():
        raise web.HTTPNotFound(text="There is no such file on the localnet's server.\n")
    kinds = {".gz": "application/gzip", ".json": "application/json"}
    kind = kinds.get(path.suffix, "text/plain")
    # application/gzip and not an encoding: the archive's bytes are what the checksum is of
    return web.FileResponse(path, headers={hdrs.CONTENT_TYPE: kind})


def serve(build_folder: Path, www: Path, port: int) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        OSError: the port is taken.
    """
    app = make_app(published_files(build_folder, www))
    web.run_app(app, host=LOOPBACK, port=port, print=None, access_log=None)
