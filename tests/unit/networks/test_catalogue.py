# SPDX-License-Identifier: Apache-2.0
"""The networks this app knows, in their order, and how new ones come in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from node_manager.layout import Layout
from node_manager.networks import importing
from node_manager.networks.addresses import part_addresses, raw_address
from node_manager.networks.bundled import bundled_profiles
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.errors import (
    ProfileExists,
    ProfileInvalid,
    ProfileNotImported,
    ProfileUnknown,
    ProfileUnreadable,
)
from node_manager.networks.importing import import_profile
from node_manager.networks.reading import MAX_PART_BYTES
from tests.unit.networks.test_profile import CHAIN, OTHER, SHA256


def write(folder: Path, **parts: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in parts.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


@pytest.fixture
def catalogue(layout: Layout) -> Catalogue:
    return Catalogue(layout)


def test_the_bundled_networks_are_there_and_invent_nothing(catalogue: Catalogue) -> None:
    found = {profile.id: profile for profile in catalogue.profiles()}
    assert {"localnet", "omniphi-testnet-2", "omniphi-mainnet-1"} <= set(found)
    for profile in found.values():
        assert profile.origin == "bundled"
        assert profile.daemon_name == "posd"
        assert profile.bech32_prefix == "omni"
        assert (profile.denom, profile.decimals, profile.display_denom) == ("omniphi", 6, "OMNI")
        assert profile.min_gas_price == "0.025omniphi"
        assert profile.targets == profile.persistent_peers == profile.seeds == ()
        assert profile.genesis_url is None
        assert [fact.field for fact in profile.missing("linux/amd64") if fact.needed] == [
            "binary.linux/amd64",
            "checksum.linux/amd64",
            "genesis_url",
            "persistent_peers",
        ]


def test_the_practice_chain_stands_last_and_is_local(catalogue: Catalogue) -> None:
    profiles = catalogue.profiles()
    assert profiles[-1].id == "localnet"
    assert [profile.is_local for profile in profiles].count(True) == 1


def test_the_running_localnets_profile_wins_over_the_placeholder(
    catalogue: Catalogue, layout: Layout
) -> None:
    write(layout.localnet / "profile", chain=CHAIN, oneclick={"is_local": True})
    profile = catalogue.get("localnet")
    assert (profile.origin, profile.chain_id, profile.id) == ("localnet", "sample_9-1", "localnet")
    assert profile.featured


def test_in_the_bundle_the_profiles_lie_below_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    assert bundled_profiles() == tmp_path / "resources" / "networks"


@pytest.mark.parametrize("name", ["nothing", "..", "../x", "A", ""])
def test_an_unknown_network_is_named_with_the_known_ones(catalogue: Catalogue, name: str) -> None:
    with pytest.raises(ProfileUnknown, match="omniphi-testnet-2"):
        catalogue.get(name)


@pytest.mark.logs("profile left out")
async def test_a_broken_profile_does_not_hide_the_others(
    catalogue: Catalogue, layout: Layout
) -> None:
    write(layout.profiles / "broken", chain={})
    assert "broken" not in {profile.id for profile in catalogue.profiles()}
    with pytest.raises(ProfileInvalid, match="the field daemon_name of"):
        catalogue.get("broken")


async def test_a_folder_is_imported_with_all_its_parts(layout: Layout, tmp_path: Path) -> None:
    source = write(
        tmp_path / "source",
        chain=CHAIN,
        oneclick={"genesis_sha256": SHA256, "display_name": "Mine"},
        versions={"versions": [{"name": "v2"}]},
    )
    imported = await import_profile(str(source), layout)
    assert imported == Catalogue(layout).get("sample-9-1")
    assert imported.origin == "imported"
    assert imported.display_name == "Mine"
    assert imported.genesis_sha256 == SHA256
    assert imported.release_for("v2") is not None


async def test_a_file_is_imported_under_any_name(layout: Layout, tmp_path: Path) -> None:
    path = tmp_path / "some chain.json"
    path.write_text(json.dumps(CHAIN))
    assert (await import_profile(path.as_uri(), layout)).id == "sample-9-1"


async def test_nothing_is_replaced_silently(layout: Layout, tmp_path: Path) -> None:
    source = write(tmp_path / "source", chain=CHAIN)
    await import_profile(str(source), layout)
    write(source, chain=CHAIN | {"pretty_name": "Other"})
    with pytest.raises(ProfileExists, match="was imported"):
        await import_profile(str(source), layout)
    assert Catalogue(layout).get("sample-9-1").display_name == "Sample Chain"
    replaced = await import_profile(str(source), layout, replace=True)
    assert replaced.display_name == "Other"


async def test_what_came_with_the_app_is_not_replaced_silently_either(
    layout: Layout, tmp_path: Path
) -> None:
    source = write(tmp_path / "source", chain=CHAIN | {"chain_id": "omniphi-testnet-2"})
    with pytest.raises(ProfileExists, match="came with the app"):
        await import_profile(str(source), layout)
    await import_profile(str(source), layout, replace=True)
    catalogue = Catalogue(layout)
    assert catalogue.get("omniphi-testnet-2").daemon_name == "sampled"
    catalogue.remove("omniphi-testnet-2")
    assert catalogue.get("omniphi-testnet-2").daemon_name == "posd"


async def test_a_replacement_drops_parts_it_does_not_have(layout: Layout, tmp_path: Path) -> None:
    source = write(tmp_path / "source", chain=CHAIN, oneclick={"genesis_sha256": SHA256})
    await import_profile(str(source), layout)
    (source / "oneclick.json").unlink()
    replaced = await import_profile(str(source), layout, replace=True)
    assert replaced.genesis_sha256 is None


async def test_a_wrong_profile_changes_nothing(layout: Layout, tmp_path: Path) -> None:
    source = write(tmp_path / "source", chain=CHAIN)
    await import_profile(str(source), layout)
    write(source, chain=CHAIN | {"daemon_name": 7}, oneclick={"x": 1})
    with pytest.raises(ProfileInvalid) as caught:
        await import_profile(str(source), layout, replace=True)
    assert len(caught.value.problems) == 2
    assert Catalogue(layout).get("sample-9-1").daemon_name == "sampled"


async def test_a_crash_between_two_renames_loses_no_profile(layout: Layout, tmp_path: Path) -> None:
    await import_profile(str(write(tmp_path / "source", chain=CHAIN)), layout)
    (layout.profiles / "sample-9-1").rename(layout.profiles / ".sample-9-1.old")
    catalogue = Catalogue(layout)
    assert catalogue.get("sample-9-1").origin == "imported"
    assert "sample-9-1" in {profile.id for profile in catalogue.profiles()}


@pytest.mark.parametrize("name", ["nothing", "empty"])
async def test_a_source_without_a_profile_is_named(
    layout: Layout, tmp_path: Path, name: str
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ProfileUnreadable, match=name):
        await import_profile(str(tmp_path / name), layout)


async def test_answers_are_kept_and_outlive_a_replacement(layout: Layout, tmp_path: Path) -> None:
    source = write(tmp_path / "source", chain=CHAIN)
    await import_profile(str(source), layout)
    catalogue = Catalogue(layout)
    catalogue.answer("sample-9-1", {"checksum.linux/arm64": OTHER}, said_by="Ann")
    await import_profile(str(source), layout, replace=True)
    (answer,) = catalogue.get("sample-9-1").answers
    assert (answer.value, answer.said_by) == (f"sha256:{OTHER}", "Ann")


def test_a_bundled_network_can_be_answered_too(catalogue: Catalogue) -> None:
    catalogue.answer("omniphi-testnet-2", {"genesis_url": "https://example.org/g"})
    profile = catalogue.get("omniphi-testnet-2")
    assert (profile.origin, profile.genesis_url) == ("bundled", "https://example.org/g")


def test_what_came_with_the_app_is_not_removed(catalogue: Catalogue) -> None:
    with pytest.raises(ProfileNotImported):
        catalogue.remove("omniphi-testnet-2")


class Registry:
    """A registry of one chain over HTTP."""

    def __init__(self) -> None:
        self.files: dict[str, object] = {"/sample/chain.json": CHAIN}
        self.redirects: dict[str, str] = {}

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self.server = TestServer(app)
        await self.server.start_server()

    def url(self, path: str) -> str:
        return str(self.server.make_url(path))

    async def _answer(self, request: web.Request) -> web.Response:
        if request.path in self.redirects:
            raise web.HTTPFound(self.redirects[request.path])
        if request.path not in self.files:
            raise web.HTTPNotFound
        return web.json_response(self.files[request.path])


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    served = Registry()
    await served.start()
    yield served
    await served.server.close()


@pytest.mark.parametrize("path", ["/sample", "/sample/", "/sample/chain.json"])
async def test_a_chains_folder_or_file_is_imported_by_address(
    layout: Layout, registry: Registry, path: str
) -> None:
    registry.files["/sample/oneclick.json"] = {"genesis_sha256": SHA256}
    imported = await import_profile(registry.url(path), layout)
    assert imported.genesis_sha256 == SHA256


async def test_a_redirect_of_an_address_is_followed_but_not_into_a_circle(
    layout: Layout, registry: Registry
) -> None:
    registry.redirects = {
        "/old/chain.json": "/sample/chain.json",
        "/round/chain.json": "/round/chain.json",
    }
    assert (await import_profile(registry.url("/old"), layout)).chain_id == "sample_9-1"
    with pytest.raises(ProfileUnreadable, match="more than 5 times"):
        await import_profile(registry.url("/round"), layout)


async def test_a_redirect_on_this_computer_does_not_lead_outside_unprotected(
    layout: Layout, registry: Registry
) -> None:
    registry.redirects = {"/old/chain.json": "http://192.0.2.1/chain.json"}
    with pytest.raises(ProfileUnreadable, match="unprotected http"):
        await import_profile(registry.url("/old"), layout)


async def test_an_answer_too_large_for_a_profile_is_refused(
    layout: Layout, registry: Registry
) -> None:
    registry.files["/sample/chain.json"] = {**CHAIN, "more": "x" * MAX_PART_BYTES}
    with pytest.raises(ProfileUnreadable, match="too large"):
        await import_profile(registry.url("/sample"), layout)


async def test_an_address_without_a_profile_is_named(layout: Layout, registry: Registry) -> None:
    with pytest.raises(ProfileUnreadable, match="answers 404"):
        await import_profile(registry.url("/nothing"), layout)


@pytest.mark.parametrize("url", ["http://example.org/chain.json", "ftp://example.org/chain.json"])
async def test_an_unprotected_address_is_refused(layout: Layout, url: str) -> None:
    with pytest.raises(ProfileUnreadable, match="https only"):
        await import_profile(url, layout)


async def test_a_server_that_says_nothing_is_named_by_what_happened(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "TIMEOUT_SECONDS", 0.2)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(ProfileUnreadable, match="connection fails: ReadTimeout"):
        await import_profile(f"http://127.0.0.1:{port}/x", layout)
    server.close()


async def test_nobody_at_the_address_is_named(layout: Layout, unused_tcp_port: int) -> None:
    with pytest.raises(ProfileUnreadable, match="connection fails"):
        await import_profile(f"http://127.0.0.1:{unused_tcp_port}/x", layout)


def test_a_page_on_github_is_read_where_its_content_is() -> None:
    raw = "https://raw.githubusercontent.com/cosmos/chain-registry/master/osmosis"
    page = "https://github.com/cosmos/chain-registry"
    assert raw_address(f"{page}/tree/master/osmosis") == raw
    assert raw_address(f"{page}/tree/master/osmosis/") == raw
    assert raw_address(f"{page}/blob/master/osmosis/chain.json") == f"{raw}/chain.json"
    assert raw_address("https://example.org/a") == "https://example.org/a"
    assert part_addresses(f"{page}/tree/master/osmosis", ("chain.json", "versions.json")) == {
        "chain.json": f"{raw}/chain.json",
        "versions.json": f"{raw}/versions.json",
    }
    assert part_addresses("https://e.org/my.json?x=1", ("chain.json", "oneclick.json")) == {
        "chain.json": "https://e.org/my.json?x=1"
    }
