# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import shutil
import stat
import sys
from pathlib import Path

import pytest

from node_manager.explanation import OneClickError
from node_manager.obol.charon.command_lines import dkg_launch, run_launch
from node_manager.obol.charon.releases import (
    archive_name,
    charon_profile,
    checksum_in,
    install_charon,
)
from node_manager.obol.charon.versions import read_version, version_warning
from node_manager.obol.clients.errors import VcImportFailed
from node_manager.obol.clients.kinds import CLIENTS, client_of
from node_manager.obol.clients.launch import client_launch
from node_manager.obol.errors import (
    ChecksumsNotUnderstood,
    PlatformWithoutCharon,
    ProgramMissing,
    SettingRefused,
    VersionUnknown,
)
from node_manager.obol.folder import ClusterFolder, cluster_folder
from node_manager.obol.settings import DvSettings, read_settings
from tests.unit.obol.recorded import CHARON

ADDRESS = "0x" + "12" * 20
SUMS = f"""# Linux AMD64 (x86_64)
{"a1" * 32}  charon-v1.10.3-linux-amd64.tar.gz

# Linux ARM64
{"b2" * 32}  charon-v1.10.3-linux-arm64.tar.gz
"""


def settings(kind: str = "lighthouse", **charon: object) -> DvSettings:
    client = {"kind": kind, "graffiti": "hello"}
    return read_settings(
        {"charon": {"operatorAddress": ADDRESS, **charon}, "validatorClient": client}
    )


@pytest.fixture
def folder(tmp_path: Path) -> ClusterFolder:
    shutil.copytree(CHARON / "cluster" / "node1", tmp_path / "charon")
    return ClusterFolder(tmp_path)


@pytest.mark.parametrize("kind", sorted(CLIENTS))
def test_every_client_talks_to_charon_and_knows_that_its_keys_are_shares(folder, kind) -> None:
    words = client_of(folder, settings(kind)).arguments()
    assert any("http://127.0.0.1:3600" in word for word in words)
    assert {"--distributed", "--Xobol-dvt-integration-enabled=true"} & set(words)
    assert any("5064" in word for word in words)
    assert not any("password" in word and ".txt" not in word and "/" not in word for word in words)


@pytest.mark.parametrize("kind", sorted(set(CLIENTS) - {"prysm"}))
def test_key_shares_and_passwords_are_laid_out_privately_and_once(folder, kind) -> None:
    client = client_of(folder, settings(kind))
    assert not client.imported()
    assert client.prepare() == []
    assert client.imported()
    copies = [target for _, target in client.places()]
    before = [path.stat().st_mtime_ns for path in copies]
    client.prepare()
    assert [path.stat().st_mtime_ns for path in copies] == before
    for source, target in client.places():
        assert target.read_bytes() == source.read_bytes()
    passwords = {p.read_text() for p in client.data.rglob("*") if p.is_file()}
    assert all(p.read_text() in passwords for p in folder.keystores.glob("*.txt"))
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in client.data.rglob("*"))


def test_lodestar_logs_to_us_alone(folder) -> None:
    """A real one wrote half a megabyte in three minutes into its data folder besides."""
    assert "--logFile=none" in client_of(folder, settings("lodestar")).arguments()


def test_lighthouse_logs_to_us_alone(folder) -> None:
    """By its own documents it keeps ten files of 200 MB unless it is told not to."""
    assert "--logfile-max-number=0" in client_of(folder, settings("lighthouse")).arguments()


def test_lighthouse_finds_every_share_by_its_definitions(folder) -> None:
    client = client_of(folder, settings("lighthouse"))
    client.prepare()
    told = json.loads((client.data / "validators" / "validator_definitions.yml").read_text())
    assert len(told) == 2
    for one in told:
        assert Path(one["voting_keystore_path"]).exists()
        assert Path(one["voting_keystore_password_path"]).exists()


def test_lighthouse_finds_its_shares_after_the_data_folder_was_moved(folder, tmp_path) -> None:
    client_of(folder, settings("lighthouse")).prepare()
    elsewhere = tmp_path.parent / f"{tmp_path.name}-moved"
    folder.root.rename(elsewhere)
    client = client_of(ClusterFolder(elsewhere), settings("lighthouse"))
    client.prepare()
    file = client.data / "validators" / "validator_definitions.yml"
    told = json.loads(file.read_text())
    assert all(Path(one["voting_keystore_path"]).is_relative_to(elsewhere) for one in told)
    assert all(Path(one["voting_keystore_password_path"]).exists() for one in told)


def test_what_lighthouse_itself_wrote_about_its_shares_stays(folder) -> None:
    client = client_of(folder, settings("lighthouse"))
    client.prepare()
    file = client.data / "validators" / "validator_definitions.yml"
    own = "".join(
        f"- voting_keystore_path: {path}\n  gas_limit: 3\n" for _, path in client.places()
    )
    file.write_text(own)
    client.prepare()
    assert file.read_text() == own


@pytest.mark.skipif(sys.platform == "win32", reason="a program made of shell")
@pytest.mark.parametrize("code", [0, 3])
async def test_prysm_imports_each_share_with_its_own_password_once(folder, code) -> None:
    program = folder.root / "validator"
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder.root}/calls\necho said\nexit {code}\n')
    program.chmod(0o700)
    content = settings("prysm").model_dump(by_alias=True, mode="json")
    content["validatorClient"]["program"] = str(program)
    chosen = read_settings(content)
    if code:
        with pytest.raises(VcImportFailed, match="said"):
            await client_launch(folder, chosen)
        return
    launch = await client_launch(folder, chosen)
    await client_launch(folder, chosen)
    calls = (folder.root / "calls").read_text().splitlines()
    assert [call.split()[:2] for call in calls] == [
        ["wallet", "create"],
        ["accounts", "import"],
        ["accounts", "import"],
    ]
    assert "keystore-0.txt" in calls[1] and "keystore-1.txt" in calls[2]
    assert launch.argv[0] == str(program)


async def test_a_client_that_is_not_installed_is_named(folder) -> None:
    content = settings().model_dump(by_alias=True, mode="json")
    content["validatorClient"]["program"] = "no-such-program-here"
    with pytest.raises(ProgramMissing, match="no-such-program-here"):
        await client_launch(folder, read_settings(content))


def test_charon_always_takes_the_lock_of_its_key(folder) -> None:
    words = run_launch(Path("/charon"), folder, settings()).argv
    assert "--private-key-file-lock" in words
    assert not any("allowlist" in word or "no-verify" in word for word in words)


def test_the_settings_reach_charon(folder) -> None:
    chosen = settings(
        beaconNodeEndpoints=["http://a:5052", "http://b:5052/"],
        fallbackBeaconNodeEndpoints=["http://c:5052"],
        p2pRelays=["https://relay"],
        p2pExternalHostname="me.example",
        nickname="me",
        monitoringAddress=":3620",
        p2pTcpAddress=":3610",
    )
    words = run_launch(Path("/charon"), folder, chosen).argv
    for expected in (
        "--beacon-node-endpoints=http://a:5052,http://b:5052",
        "--fallback-beacon-node-endpoints=http://c:5052",
        "--p2p-relays=https://relay",
        "--p2p-external-hostname=me.example",
        "--nickname=me",
        "--monitoring-address=127.0.0.1:3620",
        "--p2p-tcp-address=0.0.0.0:3610",
        "--builder-api=true",
        "--feature-set=stable",
    ):
        assert expected in words
    ceremony = dkg_launch(Path("/charon"), folder, chosen).argv
    assert ceremony[1] == "dkg" and f"--data-dir={folder.charon}" in ceremony


def test_defaults_are_those_of_the_requirements() -> None:
    sidecar = settings().charon.dkg_sidecar
    assert sidecar.api_endpoint == "https://api.obol.tech"
    assert (sidecar.initial_retry_delay_seconds, sidecar.max_retry_delay_seconds) == (5, 300)
    assert (sidecar.retry_delay_factor, sidecar.page_limit) == (1.5, 10)


@pytest.mark.parametrize(
    "charon",
    [
        {"operatorAddress": "0x12"},
        {"nickname": "x" * 33},
        {"dkgSidecar": {"targetConfigHash": "0x12"}},
        {"dkgSidecar": {"pageLimit": 0}},
        {"beaconNodeEndpoints": ["localhost:5052"]},
        {"monitoringAddress": "3620"},
        {"noSuchSetting": 1},
    ],
)
def test_a_setting_that_cannot_be_is_named(charon) -> None:
    with pytest.raises(SettingRefused) as caught:
        settings(**charon)
    assert next(iter(charon)) in str(caught.value)


def test_a_ceremony_needs_the_same_first_two_numbers() -> None:
    assert version_warning("v1.10.3", {"a": "v1.10.0", "b": "v1.10"}) is None
    told = version_warning("v1.10.3", {"a": "v1.10.0", "b": "v1.9.2"})
    assert told is not None and "b v1.9.2" in str(told)


def test_versions_are_read_as_charon_prints_them() -> None:
    told = (CHARON / "enr" / "version.stdout.txt").read_text("utf-8")
    assert str(read_version(told)) == "v1.10"
    assert str(read_version("v1.4.2")) == "v1.4.2"
    with pytest.raises(VersionUnknown):
        read_version("latest")


def test_published_checksums_are_read_with_their_comments() -> None:
    file = archive_name("v1.10.3", "linux/arm64")
    assert str(checksum_in(SUMS, file, "v1.10.3")) == f"sha256:{'b2' * 32}"
    with pytest.raises(ChecksumsNotUnderstood):
        checksum_in(SUMS, archive_name("v1.10.4", "linux/arm64"), "v1.10.4")
    with pytest.raises(ChecksumsNotUnderstood):
        checksum_in(SUMS + SUMS.replace("b2", "c3"), file, "v1.10.3")


async def test_where_charon_has_no_program_nothing_is_downloaded(layout) -> None:
    with pytest.raises(PlatformWithoutCharon):
        await install_charon(layout, target="darwin/arm64")
    profile = charon_profile()
    assert profile.pinned == "v1.4.2" and read_version(profile.current).major == 1


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "x" * 80])
def test_no_name_leaves_the_folder_of_clusters(layout, name) -> None:
    with pytest.raises(OneClickError):
        cluster_folder(layout, name)
