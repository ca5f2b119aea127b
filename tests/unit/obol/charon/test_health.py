# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web

from node_manager.obol.alerts import Gravity, alerts
from node_manager.obol.beacon import read_beacon, read_beacons, require_beacon
from node_manager.obol.charon.health import HealthReader, HealthReading, not_ready
from node_manager.obol.charon.metrics import parse_metrics
from node_manager.obol.errors import BeaconTrouble
from tests.unit.obol.recorded import CHARON


def metrics_text(name: str) -> str:
    return (CHARON / "metrics" / f"{name}.txt").read_text("utf-8")


def reading(name: str) -> HealthReading:
    return HealthReading(1.0, True, True, None, parse_metrics(metrics_text(name)), 1.0)


class Charon:
    """A monitoring port."""

    def __init__(self) -> None:
        self.ready = (200, "ok")
        self.metrics = metrics_text("four-of-four-node0")
        self.scrapes = 0
        self.address = ""

    async def answer(self, request: web.Request) -> web.Response:
        if request.path == "/metrics":
            self.scrapes += 1
            return web.Response(text=self.metrics)
        if request.path == "/readyz":
            return web.Response(status=self.ready[0], text=self.ready[1])
        return web.Response(text="ok")


@pytest.fixture
async def charon(aiohttp_server) -> AsyncIterator[Charon]:
    one = Charon()
    app = web.Application()
    app.router.add_get("/{path:.*}", one.answer)
    server = await aiohttp_server(app)
    one.address = f"127.0.0.1:{server.port}"
    yield one


def test_the_recorded_metrics_are_read() -> None:
    told = parse_metrics(metrics_text("four-of-four-node0"))
    assert (told.readyz, told.operators, told.threshold, told.validators) == (1, 4, 3, 2)
    assert told.network == "sepolia" and told.version == "v1.10"
    assert [peer.index for peer in told.peers] == [0, 1, 2, 3]
    assert [peer.alive for peer in told.peers] == [None, True, True, True]
    assert told.peers[0].ours and told.peers[1].nickname == "op1"
    assert told.duties_succeeded == 19 and told.duties_failed == 1
    assert told.balance_gwei == {"a81_4b4": 31_300_000_000, "b3b_070": 31_300_000_000}


def test_the_pinned_charon_is_read_too_and_what_it_lacks_is_unknown() -> None:
    """charon 1.4.2, which names itself by its branch when it is built without its release's name.

    Recorded 45 s after its start, when it told no clock offsets yet.
    """
    told = parse_metrics(metrics_text("v1.4.2-node0"))
    assert (told.readyz, told.operators, told.threshold, told.validators) == (1, 4, 3, 1)
    assert (told.network, told.version) == ("hoodi", "v1.4.0-rc")
    assert [peer.alive for peer in told.peers] == [None, True, True, True]
    assert [(peer.participated, peer.expected) for peer in told.peers] == [(4, 4)] * 4
    assert {peer.clock_offset for peer in told.peers} == {None}
    assert (told.duties_succeeded, told.duties_failed) == (0, 2)


@pytest.mark.parametrize(("kind", "name"), [("prysm", "Prysm/"), ("lodestar", "Lodestar/v1.23.0")])
def test_a_real_clients_name_is_read(kind: str, name: str) -> None:
    assert parse_metrics(metrics_text(f"real-vc-{kind}-node0")).client.startswith(name)


def test_steps_towards_a_duty_are_no_duty_done() -> None:
    """An older Lodestar, whose attestations and blocks charon 1.10 does not take."""
    told = parse_metrics(metrics_text("real-vc-lodestar-node0"))
    assert told.succeeded["randao"] == 2
    assert (told.duties_succeeded, told.duties_failed) == (0, 4)


def test_what_charon_did_not_tell_is_unknown_and_not_zero() -> None:
    told = parse_metrics("")
    assert told.readyz is None and told.slot is None and told.memory is None
    assert told.peers == () and told.duties_succeeded == 0


def test_with_all_nodes_there_is_nothing_to_say_but_of_the_simulation() -> None:
    assert alerts(reading("four-of-four-node0"), simulated=True) == []
    codes = {one.explanation.code for one in alerts(reading("four-of-four-node0"))}
    assert codes == {"charon-local-block-proposal", "charon-local-proposal-fee-recipient-mismatch"}


def test_a_lost_node_and_no_spare_are_told_most_grave_first() -> None:
    told = alerts(reading("three-of-four-node0"), simulated=True)
    assert told[0].gravity is Gravity.CRITICAL
    assert told[0].explanation.code == "cluster-no-spare"
    gone = next(one for one in told if one.explanation.code == "peer-gone")
    assert "op3" in str(gone.explanation)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("readyz-500-uninitialised", "not-ready-yet"),
        ("readyz-500-quorum", "quorum-lost"),
        ("readyz-500-vc", "client-missing"),
    ],
)
def test_each_recorded_reason_is_told_in_words(file: str, code: str) -> None:
    told = not_ready((CHARON / "health" / f"{file}.txt").read_text("utf-8"))
    assert told.code == code and told.filled()[0]


def test_a_reason_that_nobody_knows_is_quoted() -> None:
    assert "moon phase" in str(not_ready("moon phase"))


async def test_charon_is_read_and_its_metrics_rarely(charon: Charon) -> None:
    clock = [100.0]
    async with HealthReader(charon.address, now=lambda: clock[0]) as reader:
        first = await reader.read()
        clock[0] += 5
        await reader.read()
        assert charon.scrapes == 1
        clock[0] += 8
        charon.ready = (500, "quorum peers not connected")
        last = await reader.read()
    assert first.ready is True and first.metrics is not None
    assert last.ready is False and last.reason is not None and last.reason.code == "quorum-lost"
    assert charon.scrapes == 2


async def test_a_silent_port_is_unknown_and_not_dead() -> None:
    async with HealthReader("127.0.0.1:1") as reader:
        told = await reader.read()
    assert told.alive is None and told.ready is None
    assert told.reason is not None and told.reason.code == "charon-silent"


@pytest.fixture
async def beacon(aiohttp_server):
    state = {"fork": "0x10000910", "syncing": False, "distance": "0"}

    async def genesis(_: web.Request) -> web.Response:
        return web.json_response({"data": {"genesis_fork_version": state["fork"]}})

    async def syncing(_: web.Request) -> web.Response:
        data = {"is_syncing": state["syncing"], "sync_distance": state["distance"]}
        return web.json_response({"data": data})

    app = web.Application()
    app.router.add_get("/eth/v1/beacon/genesis", genesis)
    app.router.add_get("/eth/v1/node/syncing", syncing)
    server = await aiohttp_server(app)
    return f"http://127.0.0.1:{server.port}", state


async def test_a_beacon_node_of_the_network_that_has_synced_is_usable(beacon) -> None:
    url, _ = beacon
    told = await read_beacon(url, "hoodi")
    assert told.usable and told.network == "hoodi"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"fork": "0x90000069"}, "beacon-other-network"),
        ({"syncing": True, "distance": "812"}, "beacon-syncing"),
        ({"fork": "rubbish"}, "beacon-down"),
    ],
)
async def test_any_other_is_not_and_says_why(beacon, state, code) -> None:
    url, served = beacon
    served.update(state)
    told = await read_beacon(url, "hoodi")
    assert told.trouble is not None and told.trouble.code == code
    with pytest.raises(BeaconTrouble):
        require_beacon([told], "hoodi")


async def test_a_fallback_is_enough_when_the_first_is_down(beacon) -> None:
    url, _ = beacon
    told = await read_beacons(["http://127.0.0.1:1"], [url], "hoodi")
    require_beacon(told, "hoodi")
    assert [one.usable for one in told] == [False, True]


async def test_one_of_another_network_is_never_passed_to_charon(beacon) -> None:
    url, served = beacon
    good = await read_beacon(url, "hoodi")
    served["fork"] = "0x00000000"
    with pytest.raises(BeaconTrouble, match="mainnet"):
        require_beacon([good, await read_beacon(url, "hoodi", fallback=True)], "hoodi")


async def test_without_any_beacon_node_there_is_no_start() -> None:
    with pytest.raises(BeaconTrouble):
        require_beacon(await read_beacons([], [], "hoodi"), "hoodi")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ping": 0.2}, "peer-slow"),
        ({"clock_offset": -0.3}, "peer-clock"),
        ({"version_supported": False}, "peer-version"),
        ({"ping": 0.1, "clock_offset": 0.1}, None),
    ],
)
def test_a_slow_peer_or_a_wrong_clock_is_told(change, code) -> None:
    told = reading("four-of-four-node0")
    assert told.metrics is not None
    first, second, *rest = told.metrics.peers
    peers = (first, replace(second, **change), *rest)
    changed = replace(told, metrics=replace(told.metrics, peers=peers))
    codes = [one.explanation.code for one in alerts(changed, simulated=True)]
    assert codes == ([code] if code else [])
