# SPDX-License-Identifier: Apache-2.0
"""Setup requests by the contract, on both databases."""

from __future__ import annotations

import asyncio
import re
import uuid

import pytest
from sqlalchemy import select

from bridge.device import DeviceKey
from bridge.orchestrator.db.tables import AuditEntry, CloudNode, SetupRequest, WorkItem
from bridge.orchestrator.enums import (
    CloudNodeStatus,
    ProviderName,
    SetupStatus,
    WorkKind,
    WorkState,
)
from tests.unit.bridge.orchestrator.conftest import V1, Client
from tests.unit.bridge.orchestrator.test_heartbeats import KEY, beat_of
from tests.unit.bridge.orchestrator.wallet import Wallet


def wish_of(wallet: Wallet, **more: object) -> dict[str, object]:
    return {
        "walletAddress": wallet.address,
        "validatorName": "Alice's validator",
        "website": "https://alice.example",
        "description": "Blocks since block 1.",
        "commissionRate": 0.1,
        "runMode": "cloud",
        **more,
    }


async def work_of(client: Client) -> list[WorkItem]:
    async with client.orchestrator.database.sessions() as session:
        return list((await session.scalars(select(WorkItem))).all())


async def deployed(client: Client, setup_id: str) -> None:
    """As the worker leaves it."""
    async with client.orchestrator.database.sessions.begin() as session:
        row = await session.get(SetupRequest, uuid.UUID(setup_id))
        assert row is not None
        row.status, row.consensus_pubkey = SetupStatus.READY_FOR_CHAIN_TX, KEY
        session.add(
            CloudNode(
                setup_request_id=row.id,
                provider=ProviderName.OMNIPHI_CLOUD,
                status=CloudNodeStatus.SYNCED,
                rpc_endpoint="http://10.0.0.1:26657",
            )
        )
        for item in (await session.scalars(select(WorkItem))).all():
            item.state = WorkState.DONE


async def test_a_cloud_validator_is_queued(client: Client, alice: Wallet) -> None:
    made = await client.post(f"{V1}/setup-requests", wish_of(alice), await client.sign_in(alice))
    assert made.status == 201
    setup = made.body["setupRequest"]
    assert (setup["status"], setup["runMode"], setup["consensusPubkey"]) == (
        "pending",
        "cloud",
        None,
    )
    assert made.body["node"] is None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", setup["createdAt"])
    found = await client.get(f"{V1}/setup-requests/{setup['id']}")
    assert found.body == made.body
    assert [(item.kind, item.state) for item in await work_of(client)] == [
        (WorkKind.PROVISION, WorkState.QUEUED)
    ]


async def test_a_local_validator_waits_for_its_key(client: Client, alice: Wallet) -> None:
    token = await client.sign_in(alice)
    made = await client.post(f"{V1}/setup-requests", wish_of(alice, runMode="local"), token)
    setup = made.body["setupRequest"]
    assert (setup["status"], setup["provider"]) == ("pending", "local")
    path = f"{V1}/setup-requests/{setup['id']}/consensus-pubkey"
    assert (await client.post(path, {"consensusPubkey": KEY}, token)).status == 200
    found = await client.get(f"{V1}/setup-requests/{setup['id']}")
    assert found.body["setupRequest"]["status"] == "ready_for_chain_tx"
    assert await work_of(client) == []


async def test_a_local_validator_with_its_key_is_ready(client: Client, alice: Wallet) -> None:
    wish = wish_of(alice, runMode="local", consensusPubkey=KEY)
    made = await client.post(f"{V1}/setup-requests", wish, await client.sign_in(alice))
    assert made.body["setupRequest"]["status"] == "ready_for_chain_tx"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("validatorName", "ab"),
        ("validatorName", "x" * 101),
        ("website", "x" * 256),
        ("description", "x" * 1001),
        ("commissionRate", 1.01),
        ("commissionRate", -0.01),
        ("runMode", "moon"),
        ("provider", "surprise_cloud"),
        ("walletAddress", "cosmos1x"),
        ("validatorName", "bell\u0007"),
    ],
)
async def test_a_wrong_field_is_named(
    client: Client, alice: Wallet, field: str, value: object
) -> None:
    token = await client.sign_in(alice)
    refused = await client.post(f"{V1}/setup-requests", wish_of(alice, **{field: value}), token)
    assert refused.status == 422
    assert [fault["field"] for fault in refused.body["errors"]] == [field]


async def test_a_provider_that_is_not_offered_is_refused_with_the_list(
    client: Client, alice: Wallet
) -> None:
    token = await client.sign_in(alice)
    refused = await client.post(f"{V1}/setup-requests", wish_of(alice, provider="aws"), token)
    assert refused.status == 422
    assert refused.body["code"] == "provider-not-offered"
    assert "omniphi_cloud" in refused.body["detail"]
    assert (await client.get(f"{V1}/by-wallet/{alice.address}")).body == []


async def test_the_same_idempotency_key_makes_one_request(client: Client, alice: Wallet) -> None:
    token = await client.sign_in(alice)
    made = await asyncio.gather(
        *(
            client.post(f"{V1}/setup-requests", wish_of(alice), token, Idempotency_Key="one")
            for _ in range(8)
        )
    )
    assert {one.status for one in made} == {201}
    assert len({one.body["setupRequest"]["id"] for one in made}) == 1
    assert len(await work_of(client)) == 1
    other = wish_of(alice, validatorName="Another one")
    refused = await client.post(f"{V1}/setup-requests", other, token, Idempotency_Key="one")
    assert (refused.status, refused.body["code"]) == (422, "idempotency-key-reused")


@pytest.mark.parametrize(
    "name", ["0b9d1d0e-0000-4000-8000-000000000000", "abc", "%00", "..", "1' OR '1'='1"]
)
async def test_an_unknown_request_is_not_found(client: Client, name: str) -> None:
    found = await client.get(f"{V1}/setup-requests/{name}")
    assert found.status == 404
    assert "detail" in found.body


async def test_a_wallet_s_validators_come_with_node_and_heartbeat(
    client: Client, alice: Wallet, device: DeviceKey
) -> None:
    token = await client.sign_in(alice)
    made = await client.post(f"{V1}/setup-requests", wish_of(alice), token)
    await deployed(client, made.body["setupRequest"]["id"])
    await client.beat(device, **beat_of(alice, 77))
    listed = (await client.get(f"{V1}/by-wallet/{alice.address}")).body
    assert len(listed) == 1
    assert listed[0]["setupRequest"]["consensusPubkey"] == KEY
    assert listed[0]["node"]["status"] == "synced"
    assert listed[0]["node"]["rpcEndpoint"] == "http://10.0.0.1:26657"
    assert listed[0]["chainInfo"] is None
    assert listed[0]["heartbeat"]["blockHeight"] == 77


async def test_a_long_list_comes_in_pages(client: Client, alice: Wallet) -> None:
    token = await client.sign_in(alice)
    names = [f"Validator {number}" for number in range(7)]
    for name in names:
        await client.post(
            f"{V1}/setup-requests", wish_of(alice, validatorName=name, runMode="local"), token
        )
    found: list[str] = []
    path = f"{V1}/by-wallet/{alice.address}?limit=3"
    for _ in range(3):
        page = await client.get(path)
        found += [one["setupRequest"]["validatorName"] for one in page.body]
        link = re.search(r"<([^>]+)>", page.headers.get("Link", ""))
        path = link.group(1) if link else ""
    assert found == names[::-1]
    assert path == ""


async def test_stop_and_redeploy_are_queued_once(client: Client, alice: Wallet) -> None:
    token = await client.sign_in(alice)
    made = await client.post(f"{V1}/setup-requests", wish_of(alice), token)
    setup_id = made.body["setupRequest"]["id"]
    body = {"setupRequestId": setup_id}
    busy = await client.post(f"{V1}/stop", body, token)
    assert busy.status == 409
    await deployed(client, setup_id)
    stopped = await client.post(f"{V1}/stop", body, token)
    assert (stopped.status, stopped.body["status"]) == (200, "stopped")
    assert (await client.post(f"{V1}/redeploy", body, token)).status == 409
    async with client.orchestrator.database.sessions.begin() as session:
        for item in (await session.scalars(select(WorkItem))).all():
            item.state = WorkState.DONE
    again = await client.post(f"{V1}/redeploy", body, token)
    assert again.body == {
        "message": again.body["message"],
        "setupRequestId": setup_id,
        "status": "provisioning",
    }
    kinds = [(item.kind, item.state) for item in await work_of(client)]
    assert (WorkKind.REDEPLOY, WorkState.QUEUED) in kinds
    found = await client.get(f"{V1}/setup-requests/{setup_id}")
    assert found.body["setupRequest"]["consensusPubkey"] == KEY


async def test_stop_is_for_cloud_validators(client: Client, alice: Wallet) -> None:
    token = await client.sign_in(alice)
    made = await client.post(f"{V1}/setup-requests", wish_of(alice, runMode="local"), token)
    body = {"setupRequestId": made.body["setupRequest"]["id"]}
    for verb in ("stop", "redeploy"):
        assert (await client.post(f"{V1}/{verb}", body, token)).status == 400


async def test_a_cancelled_request_cleans_up(client: Client, alice: Wallet) -> None:
    token = await client.sign_in(alice)
    made = await client.post(f"{V1}/setup-requests", wish_of(alice), token)
    path = f"{V1}/setup-requests/{made.body['setupRequest']['id']}"
    assert (await client.post(f"{path}/cancel", {}, token)).status == 200
    assert (await client.get(path)).body["setupRequest"]["status"] == "cancelled"
    work = {item.kind: item.state for item in await work_of(client)}
    assert work == {WorkKind.PROVISION: WorkState.CANCELLED, WorkKind.REMOVE: WorkState.QUEUED}
    assert (await client.post(f"{path}/cancel", {}, token)).status == 409


async def test_changes_are_noted_with_who_made_them(client: Client, alice: Wallet) -> None:
    token = await client.sign_in(alice)
    made = await client.post(f"{V1}/setup-requests", wish_of(alice), token)
    async with client.orchestrator.database.sessions() as session:
        entry = (await session.scalars(select(AuditEntry))).one()
    assert (entry.action, entry.actor) == ("setup.create", f"wallet:{alice.address}")
    assert entry.subject == made.body["setupRequest"]["id"]
    assert entry.remote == "127.0.0.1"
