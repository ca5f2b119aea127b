# SPDX-License-Identifier: Apache-2.0
"""The two ways in which a node's program runs: of this computer, or in a container."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from node_manager.cosmos.program import Program
from node_manager.explanation import OneClickError
from node_manager.networks.profile import Profile
from node_manager.networks.targets import this_target
from node_manager.node.identity import Identity
from node_manager.node.listening import Listening
from node_manager.node.record import Runtime
from node_manager.runtime.child import Runner
from node_manager.runtime.process import Launch


class Way(Protocol):
    """What differs between the two.

    Attributes:
        target: the platform whose program it is.
        record: by what the next start of the app finds the child.
        runner: where the child runs.
    """

    target: str
    record: Path
    runner: Runner

    @property
    def signer_dials(self) -> str:
        """Where the signer finds the node."""

    def listens(self) -> Listening:
        """Where the node listens."""

    async def trouble(self) -> OneClickError | None:
        """What hinders every start now; None when nothing does. `passing` says if it may mend."""

    async def program(self, binary: Path) -> Program:
        """The installed program, ready for calls.

        Raises:
            OneClickError: it cannot run this way.
        """

    async def launch(self, program: Program) -> Launch:
        """What starts the node."""

    async def lives(self) -> bool:
        """Whether the child of the record runs; it is left as it is.

        Raises:
            OneClickError: that is unknown.
        """

    async def close(self) -> None:
        """Let go of what it holds."""


def choose_runtime(profile: Profile, wanted: Runtime | None = None) -> Runtime:
    """What the person wants; else native where the network has a program for this platform."""
    if wanted is not None:
        return wanted
    contained = profile.runtime == "docker" or profile.target != this_target()
    return "docker" if contained else "native"


def way_of(identity: Identity) -> Way:
    """The way of this node."""
    if identity.record.runtime == "docker":
        # Here, because most nodes are native and the engine's library is heavy.
        from node_manager.node.contained import ContainedWay

        return ContainedWay(identity)
    from node_manager.node.native import NativeWay

    return NativeWay(identity)
