# SPDX-License-Identifier: Apache-2.0
"""A node in a container of this computer's Docker engine; the key stays with our signer outside.

Ports are the same inside and outside. Only p2p is published to everybody; the rest, the signer's
door included, is published on the loopback. CometBFT 0.38 makes a new key for that door at each
start, so the node cannot be pinned there: what is signed is decided by the signer's guard alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
from pathlib import Path

from docker import DockerClient

from node_manager.cosmos.program import Program
from node_manager.explanation import OneClickError
from node_manager.networks.targets import container_target
from node_manager.node.contained_program import ContainedProgram
from node_manager.node.identity import Identity
from node_manager.node.listening import Listening
from node_manager.runtime.child import Runner
from node_manager.runtime.docker.container import (
    HOME,
    HOST_NETWORK,
    ContainerLaunch,
    ManagedContainer,
)
from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.limits import Limits
from node_manager.runtime.docker.program_image import program_image
from node_manager.runtime.docker.runner import ContainerRunner
from node_manager.runtime.process import Launch

NETWORK = "oneclick-nodes"
EVERYWHERE = "0.0.0.0"  # noqa: S104  (inside the container; what is published decides)
LOOPBACK = "127.0.0.1"


class ContainedWay:
    """A `way.Way`."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._engine = DockerEngine()
        self._binary: Path | None = None
        self.target = container_target()
        self.record = identity.folder.run / "node-container.json"
        self.runner: Runner = ContainerRunner(self._engine, self._clothe, identity.node_log)

    @property
    def signer_dials(self) -> str:
        """The published port on the loopback."""
        return f"tcp://{LOOPBACK}:{self._identity.record.signer_port}"

    def listens(self) -> Listening:
        """Inside, at every address; what is published decides who reaches it."""
        host = LOOPBACK if self._shares_network() else EVERYWHERE
        return Listening(host, host, f"tcp://{host}:{self._identity.record.signer_port}")

    async def trouble(self) -> OneClickError | None:
        """Why the engine does not answer."""
        return (await self._engine.state()).trouble

    async def program(self, binary: Path) -> Program:
        """The installed program in an image of its own.

        Raises:
            NotAStaticProgram: it cannot be alone in an image.
            DockerTrouble: the engine does not take it.
        """
        self._binary = binary
        return ContainedProgram(binary, self._engine, await program_image(self._engine, binary))

    async def launch(self, program: Program) -> Launch:
        """What runs in the container."""
        argv = program.start_argv(self._identity.home)
        inside = tuple(HOME if word == str(self._identity.home) else word for word in argv)
        return Launch(
            name="node",
            argv=inside,
            cwd=self._identity.folder.root,
            log=self._identity.node_log,
        )

    async def lives(self) -> bool:
        """Whether the container of the record runs; raises `DockerTrouble`."""
        if not await asyncio.to_thread(self.record.exists):
            return False
        return await ManagedContainer.adopt(self._engine, self.record) is not None

    async def close(self) -> None:
        """End the connection to the engine."""
        await self._engine.close()

    async def _clothe(self, launch: Launch) -> ContainerLaunch:
        identity, ports = self._identity, self._identity.record.ports
        assert self._binary is not None  # noqa: S101  (prepared before it is supervised)
        private = [ports.rpc, ports.rest, ports.grpc, identity.record.signer_port]
        local = identity.profile().is_local
        if local:
            private.append(ports.p2p)
        shares = self._shares_network()
        return ContainerLaunch(
            name=f"oneclick-{identity.id}-{_digest(identity.home)}",
            # Asked for again: somebody may have removed it meanwhile.
            image=await program_image(self._engine, self._binary),
            arguments=tuple(launch.argv[1:]),
            home=identity.home,
            ports={port: port for port in private},
            public_ports={} if local else {ports.p2p: ports.p2p},
            limits=await self._engine.call(_all_of_it),
            network=HOST_NETWORK if shares else await self._engine.call(nodes_network),
        )

    def _shares_network(self) -> bool:
        """The local network listens on this computer's loopback, which no container has itself."""
        return sys.platform == "linux" and self._identity.profile().is_local


def nodes_network(client: DockerClient) -> str:
    """The engine's network for our nodes, made where there is none."""
    if not any(one.name == NETWORK for one in client.networks.list(names=[NETWORK])):
        client.networks.create(NETWORK, driver="bridge")
    return NETWORK


def _all_of_it(client: DockerClient) -> Limits:
    """A node of this computer's owner may use what the engine has, as a native one may."""
    told = client.info()
    return Limits(cpus=float(told["NCPU"]), memory=int(told["MemTotal"]))


def _digest(home: Path) -> str:
    """Data folders beside each other have nodes of the same id."""
    return hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:8]
