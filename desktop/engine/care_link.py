# SPDX-License-Identifier: Apache-2.0
"""The window's care of a validator through the engine's thread: alerts, ports, refusals, lock."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.engine import Engine
    from bridge.engine_thread import EngineThread
    from node_manager.alerts.past import PastAlert
    from node_manager.checks.listening import Listening
    from node_manager.runtime.docker.engine import EngineState
    from node_manager.signer.refusals import RefusedRequest


class CareLink:
    """Each call runs as a coroutine on the engine's loop and comes back as a future."""

    _thread: EngineThread

    def past_alerts(self) -> Future[Sequence[PastAlert]]:
        """The alerts that are over, the newest first."""
        return self._thread.call(lambda engine: engine.past_alerts.read())

    def listening(self, node_id: str) -> Future[Listening | None]:
        """Where the node's process listens; None when the system does not tell."""

        async def act(engine: Engine) -> Listening | None:
            from node_manager.checks.listening import listening_of

            pid = engine.manager.status(node_id).pid
            return None if pid is None else await asyncio.to_thread(listening_of, pid)

        return self._thread.call(act)

    def container_engine(self) -> Future[EngineState]:
        """Whether Docker answers on this computer, and if not, why."""

        async def act(_engine: Engine) -> EngineState:
            # Here, because the library is heavy and most networks do without it.
            from node_manager.runtime.docker.engine import DockerEngine

            docker = DockerEngine()
            try:
                return await docker.state()
            finally:
                await docker.close()

        return self._thread.call(act)

    def refusals(self, node_id: str) -> Future[Sequence[RefusedRequest]]:
        """What the signer refused, the newest first, as far as its log goes back."""

        async def act(engine: Engine) -> Sequence[RefusedRequest]:
            from node_manager.signer.refusals import read_refusals

            log = engine.manager.log_path(node_id, "signer")
            return await asyncio.to_thread(read_refusals, log)

        return self._thread.call(act)

    def lock(self, node_id: str) -> Future[None]:
        """Stop the validator and forget its open key: the next start asks for the passphrase."""
        return self._thread.call(lambda engine: engine.manager.lock(node_id))
