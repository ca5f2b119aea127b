# SPDX-License-Identifier: Apache-2.0
"""charon's own relay on loopback, for clusters of one computer."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import httpx


class ClusterFailed(Exception):
    """Something is not as it must be."""


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


@dataclass
class Relay:
    """charon's own relay on loopback."""

    program: Path
    folder: Path
    http: int = 0
    process: subprocess.Popen[bytes] | None = None

    async def start(self) -> str:
        self.http, p2p = free_ports(2)
        self.folder.mkdir(parents=True)
        log = (self.folder / "relay.log").open("wb")
        self.process = subprocess.Popen(
            [
                str(self.program),
                "relay",
                f"--data-dir={self.folder}",
                f"--http-address=127.0.0.1:{self.http}",
                f"--p2p-tcp-address=127.0.0.1:{p2p}",
                "--p2p-relays=",
                "--p2p-advertise-private-addresses",
                "--monitoring-address=",
            ],
            stdout=log,
            stderr=log,
        )
        url = f"http://127.0.0.1:{self.http}"
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(150):
                try:
                    if (await client.get(url)).status_code == 200:
                        return url
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)
        raise ClusterFailed("the relay does not answer")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
