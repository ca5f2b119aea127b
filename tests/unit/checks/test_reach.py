# SPDX-License-Identifier: Apache-2.0
"""Only a peer that came in from the internet proves that the node is reached."""

from __future__ import annotations

import time
from dataclasses import replace

from node_manager.checks.reach import check_reach
from node_manager.checks.result import CheckState
from node_manager.figures import unknown
from node_manager.state import NodeStatus
from tests.unit.checks.test_doctor import HEALTHY, read

PORT = 26656
NODE = replace(HEALTHY, p2p_port=PORT, reached=read(0, "this node"))
LISTENS = {PORT: frozenset({"0.0.0.0"})}


def told(status: NodeStatus) -> tuple[CheckState, str]:
    found = check_reach(status, LISTENS)
    return found.state, str(found.explanation)


def test_a_peer_from_the_internet_proves_it() -> None:
    state, words = told(replace(NODE, reached=read(2, "this node")))
    assert state is CheckState.OK
    assert words == "Peers from the internet are in, says the node: 2."


def test_one_that_was_there_is_told_with_its_age() -> None:
    state, words = told(replace(NODE, reached_at=time.time() - 600))
    assert state is CheckState.OK
    assert "10 min ago" in words


def test_nobody_who_came_in_proves_nothing() -> None:
    for status in (NODE, replace(NODE, peers_in=read(0, "this node"))):
        state, words = told(status)
        assert state is CheckState.UNKNOWN
        assert str(PORT) in words
        assert "enough to sign" in words


def test_a_node_that_has_not_told_its_peers_leaves_it_unknown() -> None:
    none = unknown("The node has not told its peers yet.", "this node")
    state, words = told(replace(NODE, peers_in=none, reached=none))
    assert state is CheckState.UNKNOWN
    assert "has not told its peers yet" in words


def test_a_port_at_which_nothing_listens_is_to_be_mended() -> None:
    found = check_reach(NODE, {26657: frozenset({"127.0.0.1"})})
    assert found.state is CheckState.WARN
    assert str(PORT) in str(found.explanation)


def test_a_system_that_does_not_tell_where_it_listens_is_no_fault() -> None:
    assert check_reach(NODE, None).state is CheckState.UNKNOWN
