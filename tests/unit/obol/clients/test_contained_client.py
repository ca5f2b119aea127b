# SPDX-License-Identifier: Apache-2.0
"""A validator client in a container: what it is given, what it may write, whom it reaches."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from node_manager.obol.charon.contained import NETWORK
from node_manager.obol.clients.contained import SHARES, ContainedClient
from node_manager.obol.clients.errors import RecordNotCarried
from node_manager.obol.clients.kinds import CLIENTS, client_of
from node_manager.obol.clients.place import client_place, end_elsewhere
from node_manager.obol.clients.signing_record import take_record
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.settings import DvSettings, read_settings
from node_manager.runtime.docker.container import HOME, HOST_NETWORK, ContainerLaunch
from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.errors import EngineAbsent
from node_manager.runtime.docker.runner import ContainerRunner
from node_manager.runtime.process import Launch, ManagedProcess
from tests.unit.obol.recorded import CHARON

MB = 1024 * 1024


@pytest.fixture
def folder(tmp_path: Path) -> ClusterFolder:
    shutil.copytree(CHARON / "cluster" / "node1", tmp_path / "charon")
    return ClusterFolder(tmp_path)


def settings(kind: str, **client: object) -> DvSettings:
    return read_settings(
        {
            "charon": {"operatorAddress": "0x" + "12" * 20},
            "validatorClient": {"kind": kind, **client},
        }
    )


def planned(folder: ClusterFolder, kind: str, *, shares: bool) -> ContainerLaunch:
    chosen = settings(kind, resources={"limits": {"cpu": "500m", "memory": "1Gi"}})
    one = ContainedClient(folder, chosen, shares=shares)
    client = one._client
    client.prepare()
    words = [client.program, *client.arguments()]
    launch = Launch(name=kind, argv=words, cwd=client.data, log=folder.logs / "vc.log")
    return one.plan(launch, "sha256:known")


@pytest.mark.parametrize("kind", sorted(CLIENTS))
def test_it_reaches_charon_and_others_reach_only_its_metrics_here(
    folder: ClusterFolder, kind: str
) -> None:
    one = planned(folder, kind, shares=False)
    words = " ".join(one.arguments)
    assert one.network == NETWORK
    assert f"http://oneclick-charon-{folder.root.name}" in words and ":3600" in words
    assert "127.0.0.1" not in words
    assert (one.ports, one.public_ports) == ({5064: 5064}, {})
    assert "=0.0.0.0" in words


@pytest.mark.parametrize("kind", sorted(CLIENTS))
def test_with_this_computers_network_everything_stays_on_the_loopback(
    folder: ClusterFolder, kind: str
) -> None:
    one = planned(folder, kind, shares=True)
    assert one.network == HOST_NETWORK and not one.ports
    assert "http://127.0.0.1:3600" in " ".join(one.arguments)
    assert "0.0.0.0" not in " ".join(one.arguments)


@pytest.mark.parametrize("kind", sorted(CLIENTS))
def test_no_path_of_this_computer_gets_in_and_key_shares_are_only_read(
    folder: ClusterFolder, kind: str
) -> None:
    one = planned(folder, kind, shares=True)
    assert str(folder.root) not in " ".join(one.arguments)
    assert one.home == folder.client / kind
    assert one.read_only[folder.keystores] == SHARES
    secret = {"prysm": "import", "teku": "passwords"}.get(kind, "secrets")
    assert one.read_only[one.home / secret] == f"{HOME}/{secret}"
    assert all(place.is_dir() for place in one.read_only)
    assert folder.key.parent not in one.read_only, "the ENR key is charon's alone"


def test_lighthouse_finds_its_shares_where_it_sees_them(folder: ClusterFolder) -> None:
    one = planned(folder, "lighthouse", shares=True)
    file = one.home / "validators" / "validator_definitions.yml"
    told = json.loads(file.read_text())
    inside = [path for each in told for name, path in each.items() if name.endswith("_path")]
    assert len(inside) == 4
    for path in inside:
        assert path.startswith(f"{HOME}/")
        assert (one.home / path.removeprefix(f"{HOME}/")).is_file()


def test_it_takes_what_the_settings_allow(folder: ClusterFolder) -> None:
    limits = planned(folder, "teku", shares=True).limits
    assert (limits.cpus, limits.memory) == (0.5, 1024 * MB)


def test_it_has_a_container_beside_charons_unless_a_program_is_named(
    folder: ClusterFolder,
) -> None:
    beside = client_place(folder, settings("prysm"), contained=True)
    assert isinstance(beside.runner, ContainerRunner)
    own = client_place(folder, settings("prysm", program="/opt/prysm"), contained=True)
    native = client_place(folder, settings("prysm"), contained=False)
    assert own.runner is native.runner is ManagedProcess
    assert beside.record != native.record


async def test_a_client_left_as_a_program_ends_before_one_starts_in_a_container(
    folder: ClusterFolder,
) -> None:
    launch = Launch(
        name="prysm", argv=["/bin/sleep", "60"], cwd=folder.root, log=folder.root / "log"
    )
    left = await ManagedProcess.spawn(launch, folder.run / "vc-process.json")
    await end_elsewhere(folder, settings("prysm"), contained=False)
    assert left.alive(), "it is in its own place"
    await end_elsewhere(folder, settings("prysm", program="/opt/vc"), contained=True)
    assert left.alive(), "a program that the person named is in its own place, too"
    await end_elsewhere(folder, settings("prysm"), contained=True)
    assert not left.alive()


async def test_another_client_left_in_a_container_is_ended_or_nothing_starts(
    folder: ClusterFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the engine away nobody knows whether it still signs."""
    folder.run.mkdir()
    told = {"name": "oneclick-vc-teku", "id": "12", "started_at": 1.0}
    (folder.run / "vc-teku-container.json").write_text(json.dumps(told))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{folder.root / 'absent.sock'}")
    for contained in (True, False):
        with pytest.raises(EngineAbsent):
            await end_elsewhere(folder, settings("prysm"), contained=contained)
    await end_elsewhere(folder, settings("teku"), contained=True)


async def test_no_container_starts_before_the_signing_record_is_its_own(
    folder: ClusterFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def have(_engine: DockerEngine, _act: object) -> str:
        return "sha256:known"

    monkeypatch.setattr(DockerEngine, "call", have)
    take_record(folder, "lighthouse")
    with pytest.raises(RecordNotCarried, match="lighthouse"):
        await ContainedClient(folder, settings("teku"), shares=True).launch()
    await ContainedClient(folder, settings("lighthouse"), shares=True).launch()


def test_launch_lines_of_this_computer_stay_as_they_were(folder: ClusterFolder) -> None:
    client = client_of(folder, settings("teku"))
    assert client.api == "http://127.0.0.1:3600"
