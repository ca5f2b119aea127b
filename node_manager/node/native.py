# SPDX-License-Identifier: Apache-2.0
"""A node as a process of this computer; its signer dials a private unix socket."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from pathlib import Path

from node_manager.cosmos.program import Program
from node_manager.durable import make_private_folder
from node_manager.layout import NodeFolder
from node_manager.networks.targets import this_target
from node_manager.node.identity import Identity
from node_manager.node.listening import Listening
from node_manager.runtime.child import Runner
from node_manager.runtime.process import Launch, ManagedProcess, still_lives

LOOPBACK = "127.0.0.1"
SOCKET_BYTES = 100
"""What fits into a unix socket's address on every system."""


class NativeWay:
    """A `way.Way`."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._socket = private_socket(identity.folder)
        self.target = this_target()
        self.record = identity.folder.run / "node-process.json"
        self.runner: Runner = ManagedProcess
        self.signer_dials = f"unix://{self._socket}"

    def listens(self) -> Listening:
        """Peers are awaited everywhere, unless all of them are on this computer."""
        everywhere = "0.0.0.0"  # noqa: S104
        p2p = LOOPBACK if self._identity.profile().is_local else everywhere
        return Listening(LOOPBACK, p2p, self.signer_dials)

    async def trouble(self) -> None:
        """Nothing hinders a process."""

    async def program(self, binary: Path) -> Program:
        """The installed program."""
        return Program(binary)

    async def launch(self, program: Program) -> Launch:
        """What starts the node; the socket's folder is ready then, and no old socket in it."""
        await asyncio.to_thread(make_private_folder, self._socket.parent)
        await asyncio.to_thread(self._socket.unlink, missing_ok=True)
        return Launch(
            name="node",
            argv=program.start_argv(self._identity.home),
            cwd=self._identity.folder.root,
            log=self._identity.node_log,
        )

    async def lives(self) -> bool:
        """Whether the process of the record runs; raises `RecordNotReadable`."""
        return await still_lives(self.record)

    async def close(self) -> None:
        """It holds nothing."""


def private_socket(folder: NodeFolder) -> Path:
    """The unix socket that the node makes and the signer dials; its folder is private."""
    usual = folder.run / "privval.sock"
    if len(os.fsencode(usual)) <= SOCKET_BYTES:
        return usual
    # A long data folder: a private folder of this user under the system's short one.
    digest = hashlib.sha256(os.fsencode(usual)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"oneclick-{os.getuid()}-{digest}" / "privval.sock"
