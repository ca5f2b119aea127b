# SPDX-License-Identifier: Apache-2.0
"""One command of a program in a container that is gone afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests
from docker import DockerClient
from docker.errors import DockerException
from docker.types import Mount

from node_manager.runtime.docker.container import HOME, mounts, own_user
from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.limits import MB, Limits, hardening

CPUS = 1.0
MEMORY = 1024 * MB


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said.

    Attributes:
        code: None when it did not end in time; it was ended then.
    """

    code: int | None
    stdout: str
    stderr: str


async def run_once(
    engine: DockerEngine,
    image: str,
    arguments: tuple[str, ...],
    home: Path,
    seconds: float,
    *,
    read_only: Mapping[Path, str] | None = None,
) -> Said:
    """Run one command to its end, without a network; `home` is at `HOME` inside.

    Raises:
        DockerTrouble: it was not run.
    """
    folders = mounts(home, read_only or {})
    return await engine.call(lambda client: _run(client, image, arguments, folders, seconds))


def _run(
    client: DockerClient,
    image: str,
    arguments: tuple[str, ...],
    folders: list[Mount],
    seconds: float,
) -> Said:
    container = client.containers.create(
        image,
        list(arguments),
        environment={"HOME": HOME},
        user=own_user(),
        mounts=folders,
        working_dir=HOME,
        network_mode="none",
        **Limits(CPUS, MEMORY).arguments(),
        **hardening(),
    )
    try:
        container.start()
        try:
            code = int(container.wait(timeout=seconds)["StatusCode"])
        except requests.RequestException:  # its time is over: the SDK's way to say so
            return Said(None, "", "")
        streams = [
            container.logs(stdout=out, stderr=not out).decode(errors="replace")
            for out in (True, False)
        ]
        return Said(code, *streams)
    finally:
        with contextlib.suppress(DockerException):
            container.remove(force=True)
