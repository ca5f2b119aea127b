# SPDX-License-Identifier: Apache-2.0
"""Whether ports are free, and who holds them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from node_manager.checks.ports import check_port, check_ports, holder_of, port_trouble
from node_manager.checks.result import CheckState, Mend


@pytest.fixture
def held() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_free_port_is_free_and_stays_so() -> None:
    port = free_port()
    assert check_port("RPC", port).state is CheckState.OK
    assert port_trouble(port) is None


def test_a_taken_port_names_its_holder(held: int) -> None:
    result = check_port("REST", held)
    assert (result.id, result.state) == ("port-rest", CheckState.FAIL)
    assert result.mend is Mend.CHANGE_PORTS
    assert result.explanation.facts["pid"] == os.getpid()
    assert f"process {os.getpid()}" in str(result.explanation)
    assert "REST" in str(result.explanation)


def test_another_program_is_found_by_name() -> None:
    source = (
        "import socket,sys; s=socket.socket(); s.bind(('127.0.0.1',0)); s.listen();"
        "print(s.getsockname()[1],flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        port = int(other.stdout.readline())
        holder = holder_of(port)
        other.stdin.close()
    assert holder.pid == other.pid
    assert "python" in holder.name


def test_a_port_on_loopback_is_taken_for_every_interface_too(held: int) -> None:
    assert check_port("P2P", held, "0.0.0.0").state is CheckState.FAIL


def test_the_nodes_own_hold_is_no_trouble(held: int) -> None:
    result = check_port("RPC", held, own_pids={os.getpid()})
    assert result.state is CheckState.OK


def test_a_connection_that_has_just_ended_does_not_hold_the_port() -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            listener.accept()[0].close()  # the side that closes first keeps TIME_WAIT
    assert check_port("RPC", port).state is CheckState.OK


def test_an_address_of_another_computer_is_unknown() -> None:
    assert check_port("RPC", free_port(), "192.0.2.1").state is CheckState.UNKNOWN


async def test_every_service_has_its_own_row(held: int) -> None:
    results = await check_ports({"P2P": free_port(), "gRPC": held})
    assert [(r.id, r.state) for r in results] == [
        ("port-p2p", CheckState.OK),
        ("port-grpc", CheckState.FAIL),
    ]
