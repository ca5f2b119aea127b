# SPDX-License-Identifier: Apache-2.0
"""The two processes of a validator, in their order.

The signer dials before the node is spawned, and the node ends before the signer does (a node that
has lost its signer ignores the request to end).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from node_manager.cosmos.program import Program
from node_manager.cosmos.rpc import Rpc
from node_manager.durable import make_private_folder
from node_manager.explanation import Explained, Explanation, OneClickError
from node_manager.node.custody import Custody
from node_manager.node.identity import Identity
from node_manager.node.signing import Signing
from node_manager.node.way import way_of
from node_manager.runtime.child import Child
from node_manager.runtime.process import Launch
from node_manager.runtime.supervision import Decision, Exit, Phase, Supervision
from node_manager.runtime.supervisor import Supervisor

log = structlog.get_logger(__name__)

NODE_GRACE = 30.0


class Children:
    """The node's process and its signer.

    Attributes:
        program: what the node runs; set before it is started.
        way: how it runs.
        signing: the signer.
    """

    def __init__(
        self,
        identity: Identity,
        custody: Custody,
        *,
        on_exited: Callable[[Exit], Awaitable[Decision]],
        on_change: Callable[[Supervision], object],
        on_signer: Callable[[], None],
    ) -> None:
        self.program: Program | None = None
        self.way = way_of(identity)
        self.signing = Signing(
            identity.folder,
            custody,
            identity.network_views,
            on_signer,
            dials=lambda: self.way.signer_dials,
        )
        self._identity = identity
        self._supervisor = Supervisor(
            "node",
            self._make_launch,
            self.way.record,
            on_exited=on_exited,
            on_change=on_change,
            grace_seconds=NODE_GRACE,
            runner=self.way.runner,
        )

    @property
    def node(self) -> Child | None:
        """The node's process or container, None while there is none."""
        return self._supervisor.process

    @property
    def phase(self) -> Phase:
        """What is being done about the node's process."""
        return self._supervisor.phase

    @property
    def pids(self) -> tuple[int, ...]:
        """Those that live."""
        both = (self.node, self.signing.process)
        return tuple(child.pid for child in both if child is not None and child.pid is not None)

    async def node_lives(self) -> bool:
        """Whether the node runs, started by this run of the app or by an earlier one.

        Raises:
            OneClickError: that is unknown.
        """
        return await self.way.lives()

    async def start_node(self) -> None:
        """Take the running node over or start it, and keep it alive from now on.

        Raises:
            OneClickError: it cannot be started.
        """
        await self._supervisor.start()

    async def until_it_answers(self) -> None:
        """Wait for the RPC; a node that ends meanwhile is met by its supervision.

        Raises:
            Explained: it failed.
        """
        async with Rpc(self._identity.rpc_url) as rpc:
            while self.phase not in {Phase.FAILED, Phase.STOPPED}:
                with contextlib.suppress(OneClickError):
                    await rpc.status()
                    return
                await asyncio.sleep(0.2)
        reason = self._supervisor.supervision.reason
        raise Explained(reason or Explanation("node-ended", "The node ended."))

    async def stop_node(self) -> None:
        """End the node; the signer stays."""
        await self._supervisor.stop()

    async def stop(self) -> None:
        """End the node, then its signer; the signer also when the node does not end.

        Raises:
            OneClickError: one of them did not end, or nobody can tell.
        """
        try:
            await self._supervisor.stop()
        finally:
            await self.signing.stop()

    async def stop_within(self, patience: float) -> None:
        """End the node, then its signer; the signer too when the node is not quick about it."""
        ending = asyncio.ensure_future(self._supervisor.stop())
        await asyncio.wait({ending}, timeout=patience)
        for end in (self.signing.stop(), ending):
            try:
                await end
            except OneClickError as error:
                log.error("not ended", node=self._identity.id, reason=str(error))

    async def leave(self) -> None:
        """Let both run on without the app."""
        await self._supervisor.leave()
        await self.signing.leave()

    async def close(self) -> None:
        """Let go of what the way holds."""
        await self.way.close()

    async def _make_launch(self) -> Launch:
        assert self.program is not None  # noqa: S101  (prepared before it is supervised)
        await asyncio.to_thread(make_private_folder, self._identity.folder.logs)
        return await self.way.launch(self.program)
