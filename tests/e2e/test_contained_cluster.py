# SPDX-License-Identifier: Apache-2.0
"""Four operators whose charons and validator clients run in containers, brought by hand.

`ONECLICK_CHARON` and, for a real validator client, `ONECLICK_VC_PRYSM` (see `dv_cluster`).
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient

from node_manager.obol.clients.kinds import Client, Prysm
from node_manager.obol.images.pins import pinned
from node_manager.obol.status import DvStage
from tests.e2e.dv_cluster import DvCluster, Operator
from tests.helpers.docker_engine import TestEngine
from tests.helpers.program_in_image import image_of
from tests.helpers.real_client import SIMULATED, RealClient

PROGRAM = shutil.which(os.environ.get("ONECLICK_CHARON", "") or "no-charon-named")

pytestmark = [
    pytest.mark.timeout(500),
    pytest.mark.skipif(PROGRAM is None, reason="ONECLICK_CHARON does not name a charon"),
]


@dataclass
class ContainedCluster(DvCluster):
    """charon and, where a real one is named, the validator client in containers."""

    runtime: str = "docker"
    engine: DockerClient | None = None
    charon_image: str = ""
    client_image: str = ""

    def charon_settings(self) -> dict[str, str]:
        return {"image": self.charon_image}

    def client_settings(self, program: Path | None) -> dict[str, str]:
        if self.client is None:
            return super().client_settings(program)
        return {"kind": self.client.kind, "image": self.client_image}

    def kill_charon(self, operator: Operator) -> None:
        assert self.engine is not None
        (found,) = (
            one
            for one in self.engine.containers.list()
            if one.labels["oneclick.home"] == str(operator.node.folder.charon.resolve())
        )
        found.kill()

    def behind_manners(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The client finds the proxy, and the simulated chain, by its own launch line."""

        def api(client: Client) -> str:
            asked = client.settings.charon.validator_api_address
            (found,) = (
                one.manners.address
                for one in self.operators
                if one.manners is not None and one.manners.target == asked
            )
            return f"http://{found}"

        usual = Prysm.arguments

        def arguments(client: Prysm) -> list[str]:
            chain = client.data / "chain.yaml"
            chain.write_text("".join(f"{name}: {value}\n" for name, value in SIMULATED.items()))
            return [*usual(client), f"--chain-config-file={chain}"]

        monkeypatch.setattr(Client, "api", property(api))
        monkeypatch.setattr(Prysm, "arguments", arguments)


async def test_ceremony_and_duties_in_containers_with_one_killed_and_back(
    test_engine: TestEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", test_engine.address)
    client = test_engine.client()
    real = RealClient.named()
    cluster = ContainedCluster(
        Path(str(PROGRAM)),
        tmp_path,
        client=real,
        engine=client,
        charon_image=image_of(client, Path(str(PROGRAM)), "charon-of-here", tmp_path),
    )
    if real is not None:
        cluster.client_image = image_of(client, real.program, "client-of-here", tmp_path)
        cluster.behind_manners(monkeypatch)
    try:
        await cluster.set_up()
        await cluster.sign()
        await cluster.make_keys()
        await cluster.run()
        for container in client.containers.list():
            confined(container.attrs["HostConfig"])
        pins = pinned(cluster.operators[0].node.folder.run)
        assert pins["charon"].identity == client.images.get(cluster.charon_image).id
        names = {"charon", *((real.kind,) if real is not None else ())}
        assert set(pins) == names
        assert len(client.containers.list()) == len(names) * 4
        last = cluster.operators[-1]
        cluster.kill_charon(last)
        await cluster.until(
            "noticed", lambda: last.node.status.stage is not DvStage.RUNNING, 20, quiet=True
        )
        await cluster.until("back", lambda: last.node.status.stage is DvStage.RUNNING, 90)
    finally:
        await cluster.end()
    assert client.containers.list() == []
    client.close()


def confined(host: dict[str, Any]) -> None:
    """Little may be taken, and nothing but its folder written."""
    assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"]
    assert host["Memory"] and host["NanoCpus"] and host["PidsLimit"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    writable = [mount for mount in host["Mounts"] if not mount.get("ReadOnly")]
    assert len(writable) == 1
