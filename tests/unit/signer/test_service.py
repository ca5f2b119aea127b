# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node_manager.signer.connection import Dialer, MessageReader
from node_manager.signer.errors import PlanRefused
from node_manager.signer.guard import Guard
from node_manager.signer.journal import Journal
from node_manager.signer.messages import MAX_MESSAGE, PING_ANSWER
from node_manager.signer.service import Service
from node_manager.signer.wire import Malformed, delimited, read_fields, read_varint, sub
from tests.unit.signer.ballots import CHAIN, vote

PING = delimited(sub(b"\x3a", b""))


class Node:
    """The node's side of one connection after the other."""

    def __init__(self, folder: Path) -> None:
        self.address = f"unix://{folder}/pv.sock"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{folder}/pv.sock")
        self.listener.listen()
        self.listener.settimeout(10)
        self.stream: socket.socket | None = None

    def accept(self) -> socket.socket:
        if self.stream is not None:
            self.stream.close()
        self.stream, _ = self.listener.accept()
        self.stream.settimeout(10)
        return self.stream

    def close(self) -> None:
        if self.stream is not None:
            self.stream.close()
        self.listener.close()


@pytest.fixture
def node(short_folder: Path) -> Iterator[Node]:
    node = Node(short_folder)
    yield node
    node.close()


@pytest.fixture
def service(node: Node, key: Ed25519PrivateKey, journal: Journal) -> Iterator[Service]:
    service = Service(Guard(key, journal), Dialer(node.address))
    thread = threading.Thread(target=service.run)
    thread.start()
    yield service
    service.stop()
    thread.join(10)
    assert not thread.is_alive()


def ask_vote(height: int, name: str = "a", chain: str = CHAIN) -> bytes:
    request = sub(b"\x0a", vote(height, 0, 2, name).encoded()) + sub(b"\x12", chain.encode())
    return delimited(sub(b"\x1a", request))


def answer(stream: socket.socket) -> dict[int, int | bytes]:
    message = MessageReader(stream).read()
    assert message is not None
    ((_, content),) = read_fields(message).items()
    assert isinstance(content, bytes)
    return read_fields(content)


def test_it_dials_again_after_every_kind_of_end(node: Node, service: Service) -> None:
    for content in (b"", b"\xff" * 30, PING[:1], delimited(b"\x7a\x00"), b"\x80\x51" + bytes(9)):
        stream = node.accept()
        stream.sendall(content)
        stream.shutdown(socket.SHUT_WR)
        assert stream.recv(100) == b""
    stream = node.accept()
    stream.sendall(PING)
    assert stream.recv(100) == PING_ANSWER


def test_the_window_sees_what_it_does(node: Node, service: Service) -> None:
    assert not service.statistics.connected
    stream = node.accept()
    for request in (ask_vote(5), ask_vote(5, "b"), ask_vote(6, chain="another-1"), ask_vote(6)):
        stream.sendall(request)
        answer(stream)
    stream.sendall(PING)
    stream.recv(100)
    statistics = service.statistics
    assert statistics.connected
    assert (statistics.signed, statistics.refused) == (2, 2)
    assert statistics.refused_last == f"this key signs for {CHAIN} only"
    assert service.guard.state.position == (6, 0, 2)
    latency = statistics.latency(0.5)
    assert latency is not None and 0 < latency < 10


def test_a_refusal_is_a_remote_signer_error_and_the_connection_lives(
    node: Node, service: Service
) -> None:
    stream = node.accept()
    stream.sendall(ask_vote(5))
    answer(stream)
    stream.sendall(ask_vote(5, "b"))
    error = answer(stream)[2]
    assert isinstance(error, bytes)
    assert read_fields(error)[1] == 2
    assert b"double signing requested at height: 5" in error
    stream.sendall(ask_vote(6))
    assert 2 not in answer(stream)


def test_what_could_not_be_answered_is_refused_before_it_is_recorded(
    node: Node, service: Service
) -> None:
    wanted = vote(5, 0, 3)
    wanted.extension = bytes(MAX_MESSAGE - 300)
    request = sub(b"\x0a", wanted.encoded()) + sub(b"\x12", CHAIN.encode())
    stream = node.accept()
    stream.sendall(delimited(sub(b"\x1a", request)))
    assert 2 in answer(stream)
    assert service.guard.state.height == 0


def test_messages_are_cut_wherever_the_network_cut_them() -> None:
    messages = [b"", b"a", bytes(127), bytes(128), bytes(MAX_MESSAGE)]
    content = b"".join(delimited(message) for message in messages)
    for size in (1, 2, 3, 100, len(content)):
        pieces = [content[at : at + size] for at in range(0, len(content), size)]
        reader = MessageReader(Pieces(pieces))
        assert [reader.read() for _ in messages] == messages
        assert reader.read() is None


@pytest.mark.parametrize("start", [b"\x81\x50", b"\xff\xff\x7f", b"\xff" * 12])
def test_a_message_above_the_limit_is_malformed_at_once(start: bytes) -> None:
    with pytest.raises(Malformed):
        MessageReader(Pieces([start, bytes(10)])).read()
    assert read_varint(b"\x80\x50", 0) == (MAX_MESSAGE, 2)


@pytest.mark.parametrize(
    "address", ["", "http://x:1", "tcp://", "tcp://host", "tcp://host:99999", "unix://", "/a/b"]
)
def test_an_address_that_no_node_listens_at_is_refused(address: str) -> None:
    with pytest.raises(PlanRefused):
        Dialer(address)


class Pieces:
    """A channel with these pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = [piece for piece in pieces if piece]

    def recv(self, _size: int) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""

    def sendall(self, _data: bytes) -> None: ...

    def shutdown(self, _how: int) -> None: ...

    def close(self) -> None: ...
