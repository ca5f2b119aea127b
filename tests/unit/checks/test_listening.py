# SPDX-License-Identifier: Apache-2.0
"""Where a process listens, and what an address tells about its origin."""

from __future__ import annotations

import os
import socket

import pytest

from node_manager.checks.listening import is_public, listening_of


def test_this_process_is_seen_to_listen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = listening_of(os.getpid())
        assert found is not None
        assert found[port] == {"127.0.0.1"}
    again = listening_of(os.getpid())
    assert again is not None
    assert port not in again


def test_a_process_that_is_gone_is_unknown_not_silent() -> None:
    assert listening_of(2**22 - 3) is None


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("[::ffff:93.184.216.34]", True),
        ("192.168.1.7", False),
        ("127.0.0.1", False),
        ("100.64.0.1", False),
        ("fe80::1", False),
        ("", False),
        ("a name", False),
    ],
)
def test_only_an_address_of_the_internet_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public
