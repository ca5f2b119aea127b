# SPDX-License-Identifier: Apache-2.0
"""Ports of the localnet: free, all different, out of the way of outgoing connections."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.localnet.errors import NoFreePort
from bridge.localnet.ports import CEILING, PortChooser, ValidatorPorts, is_free


@given(taken=st.sets(st.integers(1400, 27500), max_size=300), count=st.integers(1, 8))
def test_no_port_is_given_twice_or_is_taken(taken: set[int], count: int) -> None:
    chooser = PortChooser(free=lambda port: port not in taken)
    ports = [chooser.near(15080, "server")]
    for number in range(count):
        ports.extend(chooser.validator(number).model_dump().values())
    assert len(set(ports)) == len(ports)
    assert not taken & set(ports)
    assert max(ports) < CEILING


def test_the_first_validator_gets_the_usual_ports_when_they_are_free() -> None:
    assert PortChooser(free=lambda _port: True).validator(0) == ValidatorPorts()


def test_a_stopped_validator_keeps_its_ports_when_they_are_free() -> None:
    had = ValidatorPorts(p2p=27000, rpc=27001, rest=1500, grpc=9300)
    assert PortChooser(free=lambda _port: True).validator(0, had) == had
    moved = PortChooser(free=lambda port: port != 27001).validator(0, had)
    assert moved == ValidatorPorts(p2p=27000, rpc=27002, rest=1500, grpc=9300)


def test_a_listener_makes_a_port_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)


def test_no_free_port_is_said() -> None:
    with pytest.raises(NoFreePort, match="no free port for the localnet's RPC"):
        PortChooser(free=lambda _port: False).near(26757, "RPC")
