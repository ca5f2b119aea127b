# SPDX-License-Identifier: Apache-2.0
"""charon in a container: what it is given, and who reaches it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from node_manager.layout import Layout
from node_manager.obol.charon import contained
from node_manager.obol.charon import program as charon_program
from node_manager.obol.charon.command_lines import dkg_launch, run_launch
from node_manager.obol.charon.contained import ContainedCharon
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.settings import DvSettings, read_settings
from node_manager.runtime.docker.container import HOME, HOST_NETWORK
from node_manager.runtime.docker.runner import ContainerRunner

MB = 1024 * 1024
IMAGE = "obolnetwork/charon:v1.10.3"


def settings(**charon: Any) -> DvSettings:
    return read_settings(
        {
            "charon": {
                "operatorAddress": "0x" + "12" * 20,
                "beaconNodeEndpoints": ["http://127.0.0.1:5052", "http://localhost:5053"],
                "fallbackBeaconNodeEndpoints": ["https://beacon.example:443"],
                "monitoringAddress": "127.0.0.1:3720",
                "resources": {"limits": {"cpu": "1500m", "memory": "1Gi"}},
                **charon,
            }
        }
    )


@pytest.fixture
def folder(tmp_path: Path) -> ClusterFolder:
    return ClusterFolder(tmp_path / "clusters" / "harbour")


def plan(folder: ClusterFolder, *, shares: bool, dkg: bool = False) -> Any:
    chosen = settings()
    launch = (dkg_launch if dkg else run_launch)(Path("charon"), folder, chosen)
    return ContainedCharon(folder, chosen, IMAGE, shares_network=shares).plan(launch)


def flags(one: Any) -> dict[str, str]:
    return dict(word.removeprefix("--").partition("=")[::2] for word in one.arguments[1:])


def test_it_runs_the_makers_image_with_charons_folder_alone(folder: ClusterFolder) -> None:
    one = plan(folder, shares=False)
    assert (one.image, one.arguments[0], one.home) == (IMAGE, "run", folder.charon)
    told = flags(one)
    assert told["lock-file"] == f"{HOME}/cluster-lock.json"
    assert told["private-key-file"] == f"{HOME}/charon-enr-private-key"
    assert "private-key-file-lock" in told
    assert str(folder.root) not in " ".join(one.arguments)


def test_only_the_peers_port_is_published_to_others(folder: ClusterFolder) -> None:
    one = plan(folder, shares=False)
    assert one.public_ports == {3610: 3610}
    assert one.ports == {3600: 3600, 3720: 3720}
    told = flags(one)
    assert told["validator-api-address"] == "0.0.0.0:3600"
    assert told["monitoring-address"] == "0.0.0.0:3720"


def test_a_beacon_node_of_this_computer_is_reached_from_inside(folder: ClusterFolder) -> None:
    told = flags(plan(folder, shares=False))
    assert told["beacon-node-endpoints"] == (
        "http://host.docker.internal:5052,http://host.docker.internal:5053"
    )
    assert told["fallback-beacon-node-endpoints"] == "https://beacon.example:443"


def test_with_this_computers_network_addresses_stay_on_the_loopback(folder: ClusterFolder) -> None:
    one = plan(folder, shares=True)
    assert one.network == HOST_NETWORK
    assert not one.ports and not one.public_ports
    told = flags(one)
    assert told["validator-api-address"] == "127.0.0.1:3600"
    assert told["beacon-node-endpoints"] == "http://127.0.0.1:5052,http://localhost:5053"


def test_the_ceremony_gets_the_folder_and_the_peers_port(folder: ClusterFolder) -> None:
    one = plan(folder, shares=False, dkg=True)
    told = flags(one)
    assert one.arguments[0] == "dkg" and told["data-dir"] == HOME
    assert told["definition-file"] == f"{HOME}/cluster-definition.json"
    assert (one.ports, one.public_ports) == ({}, {3610: 3610})


def test_it_may_take_what_the_settings_allow(folder: ClusterFolder) -> None:
    limits = plan(folder, shares=False).limits
    assert (limits.cpus, limits.memory) == (1.5, 1024 * MB)


def test_two_data_folders_with_a_cluster_of_one_name_have_two_containers(tmp_path: Path) -> None:
    names = {plan(ClusterFolder(tmp_path / at / "one"), shares=True).name for at in ("a", "b")}
    assert len(names) == 2


@pytest.mark.parametrize("target", ["darwin/arm64", "windows/amd64"])
async def test_where_charon_has_no_program_its_image_runs(
    folder: ClusterFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    fetched: list[str] = []

    async def have(one: ContainedCharon) -> str:
        fetched.append(one._image)
        return "v1.10.3"

    monkeypatch.setattr(charon_program, "this_target", lambda: target)
    monkeypatch.setattr(contained.ContainedCharon, "require", have)
    layout = Layout(data=tmp_path / "data", cache=tmp_path / "cache")
    found = await charon_program.find_charon(layout, folder, settings(version="v1.10.3"))
    assert (found.version, fetched) == ("v1.10.3", [IMAGE])
    assert isinstance(found.runner(folder.logs / "charon.log"), ContainerRunner)
    assert found.record(folder, "charon").name == "charon-container.json"
