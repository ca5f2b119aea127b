# SPDX-License-Identifier: Apache-2.0
"""The release server: what is published, by Range and ETag, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from bridge.localnet.serve import make_app


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    archive, secret = tmp_path / "posd.tar.gz", tmp_path / "key.json"
    archive.write_bytes(bytes(range(256)) * 10)
    secret.write_text("not for everybody")
    return {"/releases/v1/posd.tar.gz": archive, "/gone.json": tmp_path / "gone.json"}


async def test_a_download_goes_on_where_it_stopped(files: dict[str, Path]) -> None:
    async with TestClient(TestServer(make_app(files))) as client:
        whole = await client.get("/releases/v1/posd.tar.gz")
        body = await whole.read()
        assert body == files["/releases/v1/posd.tar.gz"].read_bytes()
        assert "Content-Encoding" not in whole.headers
        headers = {"Range": "bytes=2000-", "If-Range": whole.headers["ETag"]}
        rest = await client.get("/releases/v1/posd.tar.gz", headers=headers)
        assert (rest.status, await rest.read()) == (206, body[2000:])
        same = await client.get(
            "/releases/v1/posd.tar.gz", headers={"If-None-Match": whole.headers["ETag"]}
        )
        assert same.status == 304


@pytest.mark.parametrize(
    "path", ["/", "/key.json", "/releases/v1/../../key.json", "/releases/v1/%2e%2e", "/gone.json"]
)
async def test_nothing_else_is_served(files: dict[str, Path], path: str) -> None:
    async with TestClient(TestServer(make_app(files))) as client:
        assert (await client.get(URL(path, encoded=True))).status == 404
