# SPDX-License-Identifier: Apache-2.0
"""Ports and reachability: what is not known reads unknown."""

from __future__ import annotations

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.engine.client import PeerRow
from tests.gui.conftest import Opened
from tests.helpers import samples
from tests.helpers.fake_engine import FakeEngine


def peer(address: str, *, outbound: bool = False) -> PeerRow:
    return PeerRow("ada", "a" * 40, address, outbound)


@pytest.fixture
def ports(open_window: Opened, qtbot: QtBot) -> Any:
    def opened(engine: FakeEngine) -> Any:
        window = open_window(engine)
        window.open_page("network")
        page: Any = window.page("network")
        return page, lambda key: page.ports.values[key].text()

    return opened


@pytest.mark.parametrize(
    ("peers", "words"),
    [
        ([], "unknown: nobody has dialled in"),
        ([peer("93.184.216.34", outbound=True)], "unknown: nobody has dialled in"),
        ([peer("192.168.1.9")], "from the internet it is unknown"),
        ([peer("93.184.216.34")], "yes: 1 peer came in"),
    ],
)
def test_only_a_peer_that_came_in_proves_that_the_port_is_reached(
    peers: list[PeerRow], words: str, ports: Any, qtbot: QtBot
) -> None:
    engine = FakeEngine([samples.signing()])
    engine.known_peers = peers
    page, told = ports(engine)
    qtbot.waitUntil(lambda: page._peers_now is not None)
    page.render_now()
    assert words in told("reached")


def test_where_it_listens_is_what_the_system_tells(ports: Any, qtbot: QtBot) -> None:
    engine = FakeEngine([samples.signing()])
    engine.sockets = {26656: frozenset({"::"}), 26657: frozenset({"127.0.0.1"})}
    page, told = ports(engine)
    qtbot.waitUntil(lambda: page._listening is not None)
    page.render_now()
    assert told("p2p") == "26656, open on every address of this computer"
    assert told("rpc") == "26657, on this computer only"
    assert told("rest") == "1317; nothing listens there"


def test_a_system_that_tells_nothing_leaves_it_unknown(ports: Any) -> None:
    _page, told = ports(FakeEngine([samples.signing()]))
    assert told("p2p") == "26656; whether it listens there is unknown"


def test_a_stopped_node_listens_nowhere(ports: Any) -> None:
    _page, told = ports(FakeEngine([samples.stopped()]))
    assert told("rpc") == "26657; the node does not run"
    assert told("reached") == "unknown: the node does not run"
