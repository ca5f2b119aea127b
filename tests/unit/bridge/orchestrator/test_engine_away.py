# SPDX-License-Identifier: Apache-2.0
"""A request for a cloud validator while no Docker engine answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bridge.orchestrator.enums import ProviderName
from bridge.orchestrator.providers.docker.provider import DockerProvider
from bridge.orchestrator.providers.docker.settings import DockerSettings
from bridge.orchestrator.work.provisioner import Provisioner
from bridge.orchestrator.work.worker import Worker
from node_manager.layout import Layout
from tests.helpers.app import eventually
from tests.unit.bridge.orchestrator.conftest import V1, Client
from tests.unit.bridge.orchestrator.test_setups import wish_of
from tests.unit.bridge.orchestrator.wallet import Wallet


async def test_the_request_waits_and_says_why_and_can_be_cancelled(
    client: Client, alice: Wallet, layout: Layout, tmp_path: Path
) -> None:
    service = client.orchestrator
    absent = DockerSettings(host=f"unix://{tmp_path / 'absent.sock'}")
    providers = {ProviderName.OMNIPHI_CLOUD: DockerProvider(absent, layout)}
    provisioner = Provisioner(service.database, providers, service.chain, "localnet")
    worker = Worker(service.database, service.chain, provisioner.handlers())
    token = await client.sign_in(alice)
    made = await client.post(f"{V1}/setup-requests", wish_of(alice), token)
    one = f"{V1}/setup-requests/{made.body['setupRequest']['id']}"

    async def told() -> Any:
        return (await client.get(one)).body["setupRequest"]

    async def reason() -> Any:
        return (await told())["errorMessage"]

    worker.start()
    try:
        said = await eventually("the reason of the wait", reason, 20, 0.05)
        assert "Docker does not run on this computer" in said
        assert (await told())["status"] == "provisioning"
        assert (await client.post(f"{one}/cancel", {}, token)).status == 200
        assert (await told())["status"] == "cancelled"
    finally:
        await worker.stop()
