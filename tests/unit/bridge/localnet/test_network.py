# SPDX-License-Identifier: Apache-2.0
"""The network's record, and the answers where no network runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bridge.cli.parser import parse, run
from bridge.localnet.errors import AddressInvalid, AmountInvalid, NotRunning, RecordUnreadable
from bridge.localnet.faucet import check_address, fund
from bridge.localnet.network import down, status
from bridge.localnet.record import LocalnetInfo, read_record
from bridge.localnet.upgrade import pass_upgrade
from node_manager.cosmos.rpc import Rpc
from node_manager.layout import Layout

STATUS = Path(__file__).parents[3] / "fixtures" / "posd" / "rpc" / "status.json"
ACCOUNT = "omni1mh9nfkc6pzpev0fqy8xw3avajs9ga3zsm5az9j"


def test_the_record_is_read_as_it_was_written(info: LocalnetInfo) -> None:
    info.record.write(info.folder.record)
    assert read_record(info.folder.record) == info.record


def test_no_record_is_no_network_and_a_broken_one_is_an_error(info: LocalnetInfo) -> None:
    assert read_record(info.folder.record) is None
    info.record.write(info.folder.record)
    info.folder.record.write_text('{"chain_id": 7}')
    with pytest.raises(RecordUnreadable, match=r"network\.json cannot be read"):
        read_record(info.folder.record)


async def test_where_there_is_no_network_nothing_is_made(layout: Layout) -> None:
    assert (await status(layout)).record is None
    assert not await down(layout)
    assert not layout.localnet.exists()


async def test_a_network_of_which_nothing_runs_is_stopped(info: LocalnetInfo) -> None:
    info.record.write(info.folder.record)
    now = await status(info.layout)
    assert now.stopped
    assert not now.running
    assert now.height is None
    assert [each.name for each in now.processes] == ["server", "validator-0", "validator-1"]


async def test_the_height_of_another_network_at_the_same_port_is_not_ours(
    info: LocalnetInfo,
) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(json.loads(STATUS.read_text()))

    app = web.Application()
    app.router.add_get("/status", answer)
    async with TestServer(app, host="127.0.0.1") as other:
        first = info.record.validators[0]
        ports = first.ports.model_copy(update={"rpc": other.port})
        same_port = first.model_copy(update={"ports": ports})
        async with Rpc(same_port.rpc_url) as rpc:
            assert (await rpc.status()).sync_info.latest_block_height > 0
        info.record.model_copy(update={"validators": (same_port,)}).write(info.folder.record)
        assert (await status(info.layout)).height is None


async def test_what_needs_a_running_network_says_so(info: LocalnetInfo) -> None:
    with pytest.raises(NotRunning):
        await fund(info.layout, ACCOUNT, 1)
    info.record.write(info.folder.record)
    with pytest.raises(NotRunning):
        await pass_upgrade(info.layout)


async def test_a_forgotten_network_leaves_builds_and_the_app_alone(info: LocalnetInfo) -> None:
    info.record.write(info.folder.record)
    app_file = info.folder.root / "app" / "key.json"
    app_file.parent.mkdir()
    app_file.write_text("kept")
    await down(info.layout, forget=True)
    assert not info.folder.record.exists()
    assert app_file.read_text() == "kept"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "omni1",
        ACCOUNT[:-1] + "k",
        ACCOUNT.replace("omni", "cosmos"),
        "omnivaloper1mh9nfkc6pzpev0fqy8xw3avajs9ga3zsahk9jq",
        "--from",
    ],
)
async def test_money_goes_to_no_wrong_address(layout: Layout, address: str) -> None:
    with pytest.raises(AddressInvalid):
        await fund(layout, address, 1)


async def test_nothing_cannot_be_sent(layout: Layout) -> None:
    check_address(ACCOUNT)
    for amount in (0, -1):
        with pytest.raises(AmountInvalid):
            await fund(layout, ACCOUNT, amount)


def test_the_command_line_tells_that_there_is_none(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ONECLICK_CACHE", str(layout.cache))
    assert run(parse(["--data", str(layout.data), "localnet", "status"])) == 1
    assert "no localnet on this computer" in capsys.readouterr().out
    assert run(parse(["--data", str(layout.data), "localnet", "fund", ACCOUNT])) == 1
    assert "localnet up" in capsys.readouterr().err
