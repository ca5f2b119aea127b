# SPDX-License-Identifier: Apache-2.0
"""The localnet's profile is one that the app reads like any other."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bridge.localnet.profile import upgrade_info, write_profile
from bridge.localnet.record import LocalnetInfo
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.profile import Profile

ARCHIVE = "http://127.0.0.1:15080/releases/{}/posd_linux_amd64.tar.gz"


def written(info: LocalnetInfo) -> Profile:
    write_profile(info)
    return Catalogue(info.layout).get("localnet")


def test_nothing_is_missing_in_it(info: LocalnetInfo) -> None:
    profile = written(info)
    assert profile.missing() == []
    assert profile.is_local
    assert profile.chain_id == "omniphi-localnet-1"
    assert profile.daemon_name == "posd"
    assert profile.bech32_prefix == "omni"
    assert (profile.denom, profile.decimals, profile.display_denom) == ("omniphi", 6, "OMNI")
    assert profile.min_gas_price == "0.025omniphi"


def test_its_binary_carries_the_archive_s_checksum(info: LocalnetInfo) -> None:
    binary = written(info).binary_for("linux/amd64")
    assert binary.url == ARCHIVE.format("v1")
    assert binary.checksum is not None
    assert binary.checksum.digest == "a" * 64


def test_it_names_every_validator(info: LocalnetInfo) -> None:
    profile = written(info)
    assert profile.persistent_peers == (
        f"{'d' * 40}@127.0.0.1:26756",
        f"{'e' * 40}@127.0.0.1:26766",
    )
    assert profile.rpc_urls == ("http://127.0.0.1:26757", "http://127.0.0.1:26767")
    assert profile.rest_urls == ("http://127.0.0.1:1417", "http://127.0.0.1:1427")
    assert profile.state_sync_servers == profile.rpc_urls


def test_an_upgrade_has_a_height_only_when_one_was_passed(info: LocalnetInfo) -> None:
    assert [each.height for each in written(info).versions.versions] == [0, None]
    passed = info.record.model_copy(update={"upgrade_height": 120})
    versions = written(replace(info, record=passed)).versions.versions
    assert [(each.name, each.height) for each in versions] == [("v1", 0), ("v2", 120)]


def test_a_newcomer_begins_with_the_first_release_even_after_the_upgrade(
    info: LocalnetInfo,
) -> None:
    upgraded = info.record.model_copy(update={"upgrade_height": 120, "release": "v2"})
    binary = written(replace(info, record=upgraded)).binary_for("linux/amd64")
    assert "/releases/v1/" in binary.url


def test_the_plan_of_an_upgrade_names_the_next_binary(info: LocalnetInfo) -> None:
    assert json.loads(upgrade_info(info, "v2")) == {
        "binaries": {"linux/amd64": f"{ARCHIVE.format('v2')}?checksum=sha256:{'b' * 64}"}
    }


def test_it_needs_what_was_measured_before_and_after_its_first_start(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, info: LocalnetInfo
) -> None:
    monkeypatch.setenv("ONECLICK_LOCALNET", str(layout.data / "never"))
    before = Catalogue(layout).get("localnet").needs
    monkeypatch.undo()
    assert None not in (before.cores, before.memory_gb, before.disk_gb)
    assert before.source.startswith("Measured")
    assert written(info).needs == before
