# SPDX-License-Identifier: Apache-2.0
"""A profile tells what is published, asks for what is not, and names every wrong field."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.downloads.checksum import Checksum
from node_manager.networks.errors import NoProgramForPlatform, ProfileInvalid
from node_manager.networks.profile import Profile
from node_manager.networks.reading import parse_profile, profile_id
from node_manager.networks.targets import TARGETS, this_target

SHA256 = "ab" * 32
OTHER = "cd" * 32
PEER = {"id": "0123456789abcdef0123456789abcdef01234567", "address": "peer.example.org:26656"}

CHAIN: dict[str, Any] = {
    "$schema": "../chain.schema.json",
    "chain_name": "samplechain",
    "chain_type": "cosmos",
    "chain_id": "sample_9-1",
    "pretty_name": "Sample Chain",
    "network_type": "testnet",
    "bech32_prefix": "sample",
    "daemon_name": "sampled",
    "node_home": "$HOME/.sampled",
    "slip44": 118,
    "fees": {"fee_tokens": [{"denom": "usample", "fixed_min_gas_price": 0.025}]},
    "staking": {"staking_tokens": [{"denom": "usample"}]},
    "codebase": {
        "recommended_version": "v2.1.0",
        "binaries": {
            "linux/amd64": f"https://example.org/v2/sampled.tar.gz?checksum=sha256:{SHA256}",
            "linux/arm64": "https://example.org/v2/sampled-arm64.tar.gz",
        },
        "genesis": {"genesis_url": "https://example.org/genesis.json"},
    },
    "peers": {"seeds": [dict(PEER)], "persistent_peers": [dict(PEER)]},
    "apis": {
        "rpc": [{"address": "https://rpc.example.org/", "provider": "x"}],
        "rest": [{"address": "https://rest.example.org", "provider": "x"}],
        "evm-http-jsonrpc": [{"address": "not used"}],
    },
    "explorers": [{"whatever": 1}],
}


def profile(
    chain: dict[str, Any] | None = None, own: dict[str, Any] | None = None, **parts: dict[str, Any]
) -> Profile:
    contents = {"chain.json": json.dumps(chain or CHAIN).encode()}
    if own is not None:
        contents["oneclick.json"] = json.dumps(own).encode()
    for name, part in parts.items():
        contents[f"{name}.json"] = json.dumps(part).encode()
    return parse_profile(contents, name="sample", origin="imported")


def changed(path: str, value: object) -> dict[str, Any]:
    """The chain with one field changed; None removes it."""
    chain = copy.deepcopy(CHAIN)
    *steps, last = path.split("/")
    part: Any = chain
    for step in steps:
        part = part[int(step) if step.isdigit() else step]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return chain


def test_what_is_published_is_told() -> None:
    sample = profile()
    assert sample.id == "sample-9-1"
    assert sample.display_name == "Sample Chain"
    assert sample.chain_id == "sample_9-1"
    assert sample.daemon_name == "sampled"
    assert sample.version == "v2.1.0"
    assert sample.bech32_prefix == "sample"
    assert sample.validator_prefix == "samplevaloper"
    assert sample.consensus_prefix == "samplevalcons"
    assert sample.denom == "usample"
    assert sample.min_gas_price == "0.025usample"
    assert sample.genesis_url == "https://example.org/genesis.json"
    assert sample.rpc_urls == ("https://rpc.example.org",)
    assert sample.rest_urls == ("https://rest.example.org",)
    assert sample.seeds == sample.persistent_peers == (f"{PEER['id']}@{PEER['address']}",)
    assert not sample.is_local


def test_what_nobody_says_is_not_made_up() -> None:
    bare = {
        name: CHAIN[name] for name in ("chain_name", "chain_id", "bech32_prefix", "daemon_name")
    }
    sample = profile(bare)
    assert sample.version == ""
    assert sample.genesis_url is None
    assert sample.genesis_sha256 is None
    assert sample.min_gas_price is None
    assert sample.decimals is None
    assert sample.denom == ""
    assert sample.needs.disk_gb is None
    assert sample.persistent_peers == sample.seeds == sample.state_sync_servers == ()


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (0.025, "0.025usample"),
        (0.0000001, "0.0000001usample"),
        (0, "0usample"),
        (100000000, "100000000usample"),
        (1e20, "100000000000000000000usample"),
        (0.10, "0.1usample"),
    ],
)
def test_a_gas_price_keeps_its_digits(price: float, text: str) -> None:
    token = {"denom": "usample", "fixed_min_gas_price": price}
    assert profile(changed("fees", {"fee_tokens": [token]})).min_gas_price == text


def test_a_program_comes_with_its_checksum() -> None:
    binary = profile().binary_for("linux/amd64")
    assert binary.url == "https://example.org/v2/sampled.tar.gz"
    assert binary.checksum == Checksum("sha256", SHA256)


def test_a_platform_without_a_program_is_told_with_the_others() -> None:
    with pytest.raises(NoProgramForPlatform, match="linux/amd64, linux/arm64") as caught:
        profile().binary_for("windows/amd64")
    assert "Docker" in str(caught.value)


@pytest.mark.parametrize("suffix", ["md5:" + "a" * 32, "file:https://example.org/sums"])
def test_a_checksum_of_another_kind_counts_as_none(suffix: str) -> None:
    url = f"https://example.org/a?checksum={suffix}"
    sample = profile(changed("codebase/binaries/x", url))
    assert sample.binary_for("x").checksum is None
    assert sample.binary_for("x").url == "https://example.org/a"


def fields(sample: Profile, target: str = "linux/amd64", needed: bool = True) -> list[str]:
    return [fact.field for fact in sample.missing(target) if fact.needed is needed]


def test_a_complete_profile_lacks_nothing_that_is_needed() -> None:
    assert fields(profile()) == []
    assert fields(profile(), needed=False) == ["genesis_sha256"]
    assert fields(profile(own={"genesis_sha256": SHA256}), needed=False) == []


def test_what_is_missing_is_asked_for() -> None:
    assert fields(profile(), "linux/arm64") == ["checksum.linux/arm64"]
    assert fields(profile(), "darwin/arm64") == ["binary.darwin/arm64", "checksum.darwin/arm64"]
    bare = changed("peers", None)
    del bare["codebase"]
    assert fields(profile(bare)) == [
        "binary.linux/amd64",
        "checksum.linux/amd64",
        "genesis_url",
        "persistent_peers",
    ]


def test_answers_fill_what_is_missing_and_say_who_gave_them() -> None:
    bare = changed("peers", None)
    del bare["codebase"]
    sample = profile(bare).with_answers(
        {
            "binary.linux/amd64": "https://example.org/sampled",
            "checksum.linux/amd64": SHA256.upper(),
            "genesis_url": "https://example.org/g.json",
            "genesis_sha256": f"sha256:{OTHER}",
            "persistent_peers": f"{PEER['id']}@a.org:1, {PEER['id']}@b.org:2",
        },
        said_by="Ann",
        at=1000.0,
    )
    assert sample.missing("linux/amd64") == []
    assert sample.binary_for("linux/amd64").checksum == Checksum("sha256", SHA256)
    assert sample.genesis_url == "https://example.org/g.json"
    assert sample.genesis_sha256 == OTHER
    assert sample.persistent_peers == (f"{PEER['id']}@a.org:1", f"{PEER['id']}@b.org:2")
    assert {(answer.said_by, answer.at) for answer in sample.answers} == {("Ann", 1000.0)}


def test_what_is_published_wins_over_an_answer() -> None:
    sample = profile().with_answers({"checksum.linux/amd64": OTHER})
    assert sample.binary_for("linux/amd64").checksum == Checksum("sha256", SHA256)


def test_a_checksum_says_nothing_of_another_file() -> None:
    answered = profile().with_answers({"checksum.linux/arm64": OTHER})
    assert answered.binary_for("linux/arm64").checksum == Checksum("sha256", OTHER)
    key = "linux/arm64"
    newer = copy.deepcopy(CHAIN)
    newer["codebase"]["binaries"][key] = "https://example.org/v3/sampled-arm64.tar.gz"
    moved = Profile(id="x", chain=profile(newer).chain, answers=answered.answers)
    assert moved.binary_for(key).checksum is None
    assert fields(moved, key) == [f"checksum.{key}"]


def test_every_wrong_answer_is_named() -> None:
    with pytest.raises(ProfileInvalid) as caught:
        profile().with_answers(
            {
                "checksum.linux/arm64": "123",
                "genesis_sha256": "x",
                "persistent_peers": "a@b",
                "binary.linux/arm64": "somewhere",
                "color": "green",
                "genesis_url": " ",
            }
        )
    assert sorted(problem.field for problem in caught.value.problems) == [
        "binary.linux/arm64",
        "checksum.linux/arm64",
        "color",
        "genesis_sha256",
        "persistent_peers",
    ]


def test_every_wrong_field_of_every_file_is_named_at_once() -> None:
    chain = copy.deepcopy(CHAIN)
    del chain["daemon_name"]
    chain["chain_id"] = "x" * 51
    chain["peers"]["seeds"].append({"id": "team", "address": "1.2.3.4"})
    chain["codebase"]["binaries"]["linux/amd64"] = "https://e.org/a?checksum=sha256:12"
    chain["apis"]["rpc"][0]["address"] = "rpc.example.org"
    own = {"genesis_sha256": "12", "ports": {"p2p": 0}, "colour": "green", "needs": {"cores": "x"}}
    with pytest.raises(ProfileInvalid) as caught:
        profile(chain, own, versions={"versions": [{"height": -1}]})
    named = {(problem.file, problem.field) for problem in caught.value.problems}
    assert named == {
        ("chain.json", "daemon_name"),
        ("chain.json", "chain_id"),
        ("chain.json", "peers.seeds[1].id"),
        ("chain.json", "peers.seeds[1].address"),
        ("chain.json", "codebase.binaries.linux/amd64"),
        ("chain.json", "apis.rpc[0].address"),
        ("oneclick.json", "genesis_sha256"),
        ("oneclick.json", "ports.p2p"),
        ("oneclick.json", "colour"),
        ("oneclick.json", "needs.cores"),
        ("versions.json", "versions[0].name"),
        ("versions.json", "versions[0].height"),
    }
    text = str(caught.value)
    assert all(field in text for _, field in named)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("chain_type", "eip155", "chain_type"),
        ("daemon_name", "../sampled", "daemon_name"),
        ("daemon_name", "/bin/sh", "daemon_name"),
        ("bech32_prefix", "Sample", "bech32_prefix"),
        ("bech32_prefix", "", "bech32_prefix"),
        ("chain_id", "a b", "chain_id"),
        ("fees/fee_tokens/0/fixed_min_gas_price", -1, "fees.fee_tokens[0].fixed_min_gas_price"),
        ("peers/seeds/0/address", "host:70000", "peers.seeds[0].address"),
        ("peers/seeds/0/address", "id@host:1", "peers.seeds[0].address"),
        ("codebase/genesis/genesis_url", "javascript:x", "codebase.genesis.genesis_url"),
    ],
)
def test_a_wrong_field_is_named(path: str, value: object, field: str) -> None:
    with pytest.raises(ProfileInvalid) as caught:
        profile(changed(path, value))
    assert [problem.field for problem in caught.value.problems] == [field]


@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_the_file_holds_it_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(ProfileInvalid) as caught:
        parse_profile({"chain.json": content}, name="x", origin="imported")
    assert caught.value.problems


def test_an_upgrade_names_its_release() -> None:
    versions = {
        "versions": [
            {"name": "v1", "tag": "v1.0.0", "height": 0},
            {
                "name": "v2",
                "recommended_version": "v2.1.0",
                "height": 500,
                "binaries": {"linux/amd64": f"https://e.org/v2?checksum=sha256:{SHA256}"},
            },
        ]
    }
    sample = profile(versions=versions)
    release = sample.release_for("v2")
    assert release is not None
    assert (release.version, release.height) == ("v2.1.0", 500)
    binary = release.binary_for("linux/amd64")
    assert binary is not None
    assert binary.checksum == Checksum("sha256", SHA256)
    assert release.binary_for("darwin/arm64") is None
    assert sample.release_for("v9") is None
    assert [each.name for each in sample.releases()] == ["v1", "v2"]


def test_decimals_come_from_the_asset_list_or_our_own_part() -> None:
    assets = {
        "assets": [
            {
                "base": "usample",
                "display": "sample",
                "symbol": "SMPL",
                "denom_units": [
                    {"denom": "usample", "exponent": 0},
                    {"denom": "sample", "exponent": 6},
                ],
            }
        ]
    }
    listed = profile(assetlist=assets)
    assert (listed.decimals, listed.display_denom) == (6, "SMPL")
    own = profile(own={"decimals": 18, "display_denom": "X"}, assetlist=assets)
    assert (own.decimals, own.display_denom) == (18, "X")
    assert profile().display_denom == "usample"


def test_platforms_have_the_registrys_names() -> None:
    assert this_target("Linux", "x86_64") == "linux/amd64"
    assert this_target("Linux", "aarch64") == "linux/arm64"
    assert this_target("Darwin", "arm64") == "darwin/arm64"
    assert this_target("Windows", "AMD64") == "windows/amd64"
    assert this_target("Linux", "riscv64") == "linux/riscv64"
    assert {this_target("Linux", "x86_64"), this_target("Windows", "ARM64")} <= set(TARGETS)


@given(st.text(min_size=1, max_size=80))
def test_a_profile_id_is_always_a_folders_name(chain_id: str) -> None:
    import re

    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", profile_id(chain_id))
