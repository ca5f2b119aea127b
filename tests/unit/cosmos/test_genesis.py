# SPDX-License-Identifier: Apache-2.0
"""The genesis is the network's or it is not written."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from node_manager.cosmos import errors
from node_manager.cosmos.genesis import fetch_genesis
from node_manager.downloads.errors import DownloadError
from tests.unit.cosmos.recorded import CHAIN, RecordedServer, answer

PUBLISHED = json.dumps({"chain_id": CHAIN, "app_state": {}}, indent=2).encode()
DIGEST = hashlib.sha256(PUBLISHED).hexdigest()


@dataclass(frozen=True)
class Source:
    genesis_url: str | None = None
    genesis_sha256: str | None = None
    rpc_urls: tuple[str, ...] = ()
    chain_id: str = CHAIN


def published(tmp_path: Path, data: bytes = PUBLISHED, name: str = "genesis.json") -> str:
    file = tmp_path / "published" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)
    return file.as_uri()


async def fetch(source: Source, tmp_path: Path) -> bytes:
    destination = tmp_path / "home/config/genesis.json"
    await fetch_genesis(source, destination, partial_folder=tmp_path / "partial")
    return destination.read_bytes()


async def test_a_published_file_is_taken_byte_for_byte(tmp_path: Path) -> None:
    assert await fetch(Source(published(tmp_path), DIGEST), tmp_path) == PUBLISHED


@pytest.mark.parametrize("hashed", ["packed", "plain"])
async def test_a_packed_file_is_held_against_the_digest_of_either_form(
    hashed: str, tmp_path: Path
) -> None:
    packed = gzip.compress(PUBLISHED, mtime=0)
    digest = DIGEST if hashed == "plain" else hashlib.sha256(packed).hexdigest()
    source = Source(published(tmp_path, packed, "genesis.json.gz"), digest)
    assert await fetch(source, tmp_path) == PUBLISHED


async def test_a_changed_file_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    await fetch(Source(published(tmp_path), DIGEST), tmp_path)
    changed = PUBLISHED.replace(b"{}", b"[]")
    with pytest.raises(errors.GenesisHash):
        await fetch(Source(published(tmp_path, changed, "other.json"), DIGEST), tmp_path)
    assert (tmp_path / "home/config/genesis.json").read_bytes() == PUBLISHED


async def test_a_genesis_of_another_chain_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.GenesisChain, match="other-1"):
        await fetch(Source(published(tmp_path), chain_id="other-1"), tmp_path)
    assert not (tmp_path / "home/config/genesis.json").exists()


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b"{}", b"<html>", gzip.compress(PUBLISHED, mtime=0)[:40]]
)
async def test_what_is_no_genesis_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(errors.GenesisUnreadable):
        await fetch(Source(published(tmp_path, data)), tmp_path)


async def test_the_same_genesis_is_not_fetched_twice(tmp_path: Path) -> None:
    source = Source(published(tmp_path), DIGEST)
    destination = tmp_path / "home/config/genesis.json"
    first = await fetch_genesis(source, destination, partial_folder=tmp_path / "partial")
    (tmp_path / "published/genesis.json").unlink()
    second = await fetch_genesis(source, destination, partial_folder=tmp_path / "partial")
    assert (first.fetched, second.fetched) == (True, False)
    assert second.verified


async def test_a_genesis_that_was_touched_is_fetched_again(tmp_path: Path) -> None:
    source = Source(published(tmp_path), DIGEST)
    await fetch(source, tmp_path)
    (tmp_path / "home/config/genesis.json").write_text("{}")
    assert await fetch(source, tmp_path) == PUBLISHED


async def test_an_unreachable_file_is_not_replaced_by_unchecked_bytes(tmp_path: Path) -> None:
    async with RecordedServer() as server:
        server.give("genesis_chunked", answer("rpc/genesis_chunked"))
        absent = (tmp_path / "absent.json").as_uri()
        with pytest.raises(DownloadError):
            await fetch(Source(absent, DIGEST, (server.url,)), tmp_path)
    assert not (tmp_path / "home/config/genesis.json").exists()


async def test_without_a_published_file_a_server_is_asked(tmp_path: Path) -> None:
    async with RecordedServer() as server:
        server.give("genesis_chunked", answer("rpc/genesis_chunked"))
        source = Source(rpc_urls=("http://127.0.0.1:1", server.url))
        destination = tmp_path / "genesis.json"
        found = await fetch_genesis(source, destination, partial_folder=tmp_path)
    assert json.loads(destination.read_bytes())["chain_id"] == CHAIN
    assert not found.verified
    assert found.url == source.rpc_urls[1]


async def test_parts_are_put_together(tmp_path: Path) -> None:
    halves = PUBLISHED[:20], PUBLISHED[20:]
    async with RecordedServer() as server:
        for number, half in enumerate(halves):
            part = {"chunk": str(number), "total": "2", "data": base64.b64encode(half).decode()}
            server.give(f"genesis_chunked?chunk={number}", {"result": part})
        assert await fetch(Source(rpc_urls=(server.url,)), tmp_path) == PUBLISHED


async def test_a_server_without_parts_gives_it_whole(tmp_path: Path) -> None:
    async with RecordedServer() as server:
        server.give("genesis_chunked", {"error": {"code": -32601, "message": "Method not found"}})
        server.give("genesis", answer("rpc/genesis"))
        data = await fetch(Source(rpc_urls=(server.url,)), tmp_path)
    assert json.loads(data) == answer("rpc/genesis")["result"]["genesis"]


async def test_no_source_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(errors.GenesisNowhere):
        await fetch(Source(), tmp_path)
