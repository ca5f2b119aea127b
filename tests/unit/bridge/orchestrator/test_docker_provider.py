# SPDX-License-Identifier: Apache-2.0
"""How the Docker provider reads containers and fills their volumes; the rest needs an engine."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from bridge.orchestrator.enums import CloudNodeStatus, ProviderName
from bridge.orchestrator.errors import SettingsWrong
from bridge.orchestrator.providers.base import ProviderTrouble
from bridge.orchestrator.providers.docker.failing import as_provider_trouble
from bridge.orchestrator.providers.docker.profile_files import profile_archive
from bridge.orchestrator.providers.docker.provider import DockerProvider
from bridge.orchestrator.providers.docker.reading import found_from, read_inside
from bridge.orchestrator.providers.docker.settings import DockerSettings, load_docker_settings
from bridge.orchestrator.providers.offered import providers_of
from bridge.orchestrator.settings import Settings
from bridge.server.models import NodeBody
from node_manager.explanation import Explanation
from node_manager.figures import read, unknown
from node_manager.layout import Layout
from node_manager.runtime.docker import errors
from node_manager.state import NodeState, NodeStatus

RUNNING = {"Status": "running", "ExitCode": 0}


def told(**values: Any) -> bytes:
    """The answer to STATUS of one validator, by the same model that writes it."""
    status = NodeStatus("n", "localnet", "c", "m", consensus_pubkey=bytes(range(32)), **values)
    body = NodeBody.of(status).model_dump(mode="json", by_alias=True)
    return json.dumps({"running": True, "nodes": [body]}).encode()


@pytest.mark.parametrize(
    ("state", "catching_up", "expected"),
    [
        (NodeState.PREPARING, unknown("x", "rpc"), CloudNodeStatus.STARTING),
        (NodeState.SYNCING, read(True, "rpc", period=3600), CloudNodeStatus.SYNCING),
        (NodeState.RUNNING, read(False, "rpc", period=3600), CloudNodeStatus.SYNCED),
        (NodeState.RUNNING, unknown("x", "rpc"), CloudNodeStatus.RUNNING),
        (NodeState.FAILED, unknown("x", "rpc"), CloudNodeStatus.ERROR),
    ],
)
def test_the_apps_own_status_becomes_the_contracts(
    state: NodeState, catching_up: Any, expected: CloudNodeStatus
) -> None:
    inside = read_inside(told(state=state, catching_up=catching_up, height=read(9, "rpc")))
    assert inside is not None
    found = found_from("c1", RUNNING, inside, "h:1", "")
    assert (found.status, found.height) == (expected, 9)
    assert found.consensus_pubkey == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def test_why_it_failed_comes_along() -> None:
    reason = Explanation("x", "The genesis is not fetched.", "{host} refuses.", facts={"host": "h"})
    inside = read_inside(told(state=NodeState.FAILED, reason=reason))
    assert inside is not None
    found = found_from("c1", RUNNING, inside, None, "")
    assert found.reason == "The genesis is not fetched. h refuses."


@pytest.mark.parametrize("output", [b"", b"nonsense", b'{"running": false, "nodes": []}', b"[]"])
def test_an_app_that_does_not_answer_yet_is_starting(output: bytes) -> None:
    assert read_inside(output) is None
    assert found_from("c", RUNNING, None, None, "").status is CloudNodeStatus.STARTING


@pytest.mark.parametrize(
    ("state", "expected", "words"),
    [
        ({"Status": "exited", "ExitCode": 0}, CloudNodeStatus.STOPPED, ""),
        ({"Status": "exited", "ExitCode": 137, "OOMKilled": True}, CloudNodeStatus.ERROR, "memory"),
        ({"Status": "exited", "ExitCode": 1}, CloudNodeStatus.ERROR, "exit code 1. last words"),
        ({"Status": "restarting", "ExitCode": 1}, CloudNodeStatus.ERROR, "restarting"),
        ({"Status": "created", "ExitCode": 0}, CloudNodeStatus.STARTING, ""),
    ],
)
def test_a_container_that_does_not_run_says_why(
    state: dict[str, Any], expected: CloudNodeStatus, words: str
) -> None:
    found = found_from("c", state, None, None, "last words")
    assert found.status is expected
    assert words in found.reason


def test_the_profile_goes_into_the_volume_for_the_containers_user(
    tmp_path: Path, layout: Layout
) -> None:
    (tmp_path / "chain.json").write_text("{}")
    packed = profile_archive(layout, "localnet", tmp_path)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        entries = {entry.name: entry for entry in archive.getmembers()}
    assert list(entries) == ["networks", "networks/localnet", "networks/localnet/chain.json"]
    assert {entry.uid for entry in entries.values()} == {10001}
    assert entries["networks/localnet/chain.json"].mode == 0o600


def test_a_profile_that_came_with_the_app_is_in_the_image_already(layout: Layout) -> None:
    packed = profile_archive(layout, "omniphi-testnet-2", None)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert all(entry.isdir() for entry in archive.getmembers())


def test_only_what_can_be_served_is_offered(layout: Layout) -> None:
    local = Settings(providers=[ProviderName.LOCAL])
    assert providers_of(local, layout) == {}
    cloud = Settings(providers=[ProviderName.LOCAL, ProviderName.OMNIPHI_CLOUD])
    assert isinstance(providers_of(cloud, layout)[ProviderName.OMNIPHI_CLOUD], DockerProvider)
    with pytest.raises(SettingsWrong):
        providers_of(Settings(providers=[ProviderName.AWS]), layout)


def test_settings_name_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONECLICK_ORCHESTRATOR_DOCKER_FIRST_PORT", "27999")
    monkeypatch.setenv("ONECLICK_ORCHESTRATOR_DOCKER_LAST_PORT", "27000")
    with pytest.raises(SettingsWrong):
        load_docker_settings()
    monkeypatch.setenv("ONECLICK_ORCHESTRATOR_DOCKER_LAST_PORT", "28100")
    assert load_docker_settings() == DockerSettings(first_port=27999, last_port=28100)


def test_a_socket_that_is_not_ours_is_waited_for() -> None:
    """The operator corrects the group meanwhile; nothing that was asked for has failed by then."""
    with pytest.raises(ProviderTrouble) as waits, as_provider_trouble():
        raise errors.EngineDenied(address="unix:///var/run/docker.sock")
    assert waits.value.again
    assert "may not use Docker" in str(waits.value)
    with pytest.raises(ProviderTrouble) as refused, as_provider_trouble():
        raise errors.ImageMissing(image="no-such-image:1")
    assert not refused.value.again
