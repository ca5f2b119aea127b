# SPDX-License-Identifier: Apache-2.0
"""An engine that is not there is a state with words, not a crash."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from docker.errors import APIError, ImageNotFound, NotFound

from node_manager.runtime.docker import errors
from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.ports import NoFreePort, choose_port
from node_manager.runtime.docker.program_image import is_static


async def test_no_engine_is_told_with_its_address(tmp_path: Path) -> None:
    address = f"unix://{tmp_path / 'docker.sock'}"
    state = await DockerEngine(address).state()
    assert not state.answers
    assert isinstance(state.trouble, errors.EngineAbsent)
    assert address in str(state.trouble.explanation)


async def test_a_socket_without_an_engine_behind_it_is_absent_too(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))
    state = await DockerEngine(f"unix://{path}").state()
    assert isinstance(state.trouble, errors.EngineAbsent)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (ImageNotFound("No such image: node:1"), errors.ImageMissing),
        (APIError("x", explanation="No such image: node:1"), errors.ImageMissing),
        (NotFound("No such container: abc"), errors.ContainerMissing),
        (APIError("x", explanation="Bind for :1 failed: port is already allocated"),
         errors.HostPortTaken),
        (APIError("x", explanation="listen tcp4 0.0.0.0:1: bind: address already in use"),
         errors.HostPortTaken),
        (APIError("x", explanation="no space left on device"), errors.EngineRefused),
        (PermissionError(13, "Permission denied"), errors.EngineDenied),
        (ConnectionResetError(104, "Connection reset by peer"), errors.EngineSilent),
    ],
)  # fmt: skip
async def test_what_the_engine_says_has_a_kind(
    said: Exception, expected: type[errors.DockerTrouble], tmp_path: Path
) -> None:
    engine = DockerEngine(f"unix://{tmp_path / 'docker.sock'}")

    def fail(_client: object) -> None:
        raise said

    engine._connected = lambda: None  # type: ignore[method-assign, assignment, return-value]
    with pytest.raises(expected):
        await engine.call(fail)


def test_a_port_is_neither_given_away_nor_in_use() -> None:
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        assert choose_port(port - 1, port + 5, {port - 1, port + 1}) not in {
            port - 1, port, port + 1,
        }  # fmt: skip


def test_the_preferred_port_is_kept_unless_it_is_given_away() -> None:
    assert choose_port(1, 2, set(), preferred=27123) == 27123
    with pytest.raises(NoFreePort):
        choose_port(27123, 27123, {27123}, preferred=27123)


def test_a_program_that_names_a_loader_is_not_static(tmp_path: Path) -> None:
    assert not is_static(Path("/bin/sh").resolve())
    text = tmp_path / "script"
    text.write_text("#!/bin/sh\n" * 20)
    assert not is_static(text)
    busybox = Path("/bin/busybox")
    if busybox.exists():
        assert is_static(busybox)
