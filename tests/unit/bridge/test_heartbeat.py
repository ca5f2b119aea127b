# SPDX-License-Identifier: Apache-2.0
"""Heartbeats leave for what lives, are signed, and back off when nobody wants them."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import itertools
import json
import random
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bridge.device import (
    KEY_HEADER,
    SIGNATURE_HEADER,
    TIME_HEADER,
    DeviceKey,
    DeviceKeyUnreadable,
    signed_by,
)
from bridge.heartbeat import Heartbeat, Target
from node_manager.events import Broadcast, DoorChanged, Event
from node_manager.state import NodeState
from tests.unit.bridge.view import KEY, FewNodes, running


class Orchestrator:
    """Takes heartbeats and answers as a test wants."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, dict[str, str]]] = []
        self.status = 200
        self.answer: dict[str, object] = {}
        app = web.Application()
        app.router.add_post("/api/v1/validators/heartbeat", self.take)
        self.server = TestServer(app)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((await request.read(), dict(request.headers)))
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
async def orchestrator() -> AsyncIterator[Orchestrator]:
    one = Orchestrator()
    await one.server.start_server()
    yield one
    await one.server.close()


class Sender:
    """A heartbeat over a few nodes, and what it told."""

    def __init__(self, view: FewNodes, folder: Path, url: str, seconds: float = 30) -> None:
        self.told: list[DoorChanged] = []
        broadcast = Broadcast()
        broadcast.subscribe(self.hear)
        self.device = DeviceKey.load_or_create(folder / "device-key")
        self.heartbeat = Heartbeat(
            view,
            broadcast,
            self.device,
            Target(url, seconds),
            wallet_of=lambda node_id: f"wallet of {node_id}",
            rng=random.Random(1),
        )

    def hear(self, event: Event) -> None:
        if isinstance(event, DoorChanged):
            self.told.append(event)

    async def until_told(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.told) < count:
                await asyncio.sleep(0.01)


async def test_a_living_validator_is_told_with_the_contract_s_body(
    orchestrator: Orchestrator, tmp_path: Path
) -> None:
    sender = Sender(FewNodes(tmp_path, running()), tmp_path, str(orchestrator.server.make_url("")))
    sender.heartbeat.start()
    await sender.until_told(1)
    await sender.heartbeat.stop()
    body = json.loads(orchestrator.got[0][0])
    assert body.pop("uptimeSeconds") > 0
    assert body == {
        "walletAddress": "wallet of alpha",
        "consensusPubkey": base64.b64encode(KEY).decode(),
        "blockHeight": 4182,
        "localRpcPort": 26657,
        "localP2pPort": 26656,
    }
    assert [(one.state, one.note) for one in sender.told] == [("ok", "accepted"), ("off", "off")]
    assert sender.told[0].at is not None


async def test_a_heartbeat_is_signed_by_this_device(
    orchestrator: Orchestrator, tmp_path: Path
) -> None:
    sender = Sender(FewNodes(tmp_path, running()), tmp_path, str(orchestrator.server.make_url("")))
    sender.heartbeat.start()
    await sender.until_told(1)
    await sender.heartbeat.stop()
    body, headers = orchestrator.got[0]
    public = base64.b64decode(headers[KEY_HEADER])
    signature = base64.b64decode(headers[SIGNATURE_HEADER])
    moment = int(headers[TIME_HEADER])
    assert signed_by(public, signature, moment, body)
    assert not signed_by(public, signature, moment + 1, body)
    assert not signed_by(public, signature, moment, body + b" ")


@pytest.mark.parametrize(
    "change",
    [
        {"consensus_pubkey": None},
        {"state": NodeState.STOPPED},
        {"state": NodeState.FAILED},
        {"height": dataclasses.replace(running().height, at=1.0)},
    ],
    ids=["no key", "stopped", "failed", "height not known"],
)
async def test_nothing_is_claimed_that_is_not_known(
    orchestrator: Orchestrator, tmp_path: Path, change: dict[str, object]
) -> None:
    node = dataclasses.replace(running(), **change)  # type: ignore[arg-type]
    sender = Sender(FewNodes(tmp_path, node), tmp_path, str(orchestrator.server.make_url("")))
    sender.heartbeat.start()
    await sender.until_told(1)
    await sender.heartbeat.stop()
    assert orchestrator.got == []
    assert sender.told[0].note == "waits for a running validator"


async def test_a_refusal_is_told_in_the_orchestrator_s_words(
    orchestrator: Orchestrator, tmp_path: Path
) -> None:
    orchestrator.status = 403
    orchestrator.answer = {"detail": "Another device sends for this key.", "todo": "Ask."}
    sender = Sender(FewNodes(tmp_path, running()), tmp_path, str(orchestrator.server.make_url("")))
    sender.heartbeat.start()
    await sender.until_told(1)
    await sender.heartbeat.stop()
    assert sender.told[0].state == "failed"
    assert "Another device sends for this key." in str(sender.told[0].reason)


async def test_failures_make_the_waits_grow_and_success_resets_them(
    orchestrator: Orchestrator, tmp_path: Path
) -> None:
    orchestrator.status = 503
    sender = Sender(
        FewNodes(tmp_path, running()), tmp_path, str(orchestrator.server.make_url("")), 0.05
    )
    sender.heartbeat.start()
    loop = asyncio.get_running_loop()
    moments = []
    for count in range(1, 5):
        await sender.until_told(count)
        moments.append(loop.time())
    waits = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert waits[2] > 2 * waits[0]
    orchestrator.status = 200
    sender.heartbeat.send_now()
    await sender.until_told(7)
    assert [one.state for one in sender.told[4:7]] == ["ok"] * 3
    await sender.heartbeat.stop()


async def test_nobody_there_is_told_and_the_next_address_is_tried_at_once(
    orchestrator: Orchestrator, tmp_path: Path, unused_tcp_port: int
) -> None:
    nowhere = f"http://127.0.0.1:{unused_tcp_port}"
    sender = Sender(FewNodes(tmp_path, running()), tmp_path, nowhere)
    sender.heartbeat.start()
    await sender.until_told(1)
    assert sender.told[0].state == "failed"
    assert nowhere in str(sender.told[0].reason)
    sender.heartbeat.aim(Target(str(orchestrator.server.make_url(""))))
    await sender.until_told(2)
    assert sender.told[1].state == "ok"
    await sender.heartbeat.stop()


def test_the_device_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "device-key"
    first = DeviceKey.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert DeviceKey.load_or_create(path).public == first.public
    path.write_text("damaged")
    with pytest.raises(DeviceKeyUnreadable):
        DeviceKey.load_or_create(path)
