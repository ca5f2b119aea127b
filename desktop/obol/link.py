# SPDX-License-Identifier: Apache-2.0
"""The distributed validators' part of the engine's thread as the window's `EngineClient`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from node_manager.keys.protection import Passphrase

if TYPE_CHECKING:
    from bridge.engine import Engine
    from bridge.engine_thread import EngineThread
    from node_manager.checks.result import CheckResult, Mend
    from node_manager.history.recorder import Past, Span
    from node_manager.keys.secret import SecretBytes
    from node_manager.obol.manager import DvPlan
    from node_manager.obol.node import DvNode
    from node_manager.obol.settings import DvSettings
    from node_manager.obol.status import DvStatus


class DvLink:
    """Each call runs on the engine's loop; nothing of it is loaded while there is no cluster."""

    _thread: EngineThread

    def dv_statuses(self) -> Future[Sequence[DvStatus]]:
        """All distributed validators of this computer."""

        async def act(engine: Engine) -> Sequence[DvStatus]:
            manager = engine.distributed_now
            return manager.statuses() if manager is not None else []

        return self._thread.call(act)

    def dv_create(self, plan: DvPlan) -> Future[str]:
        """Make one and begin to wait for its cluster."""

        async def act(engine: Engine) -> str:
            manager = await engine.distributed()
            cluster_id = await manager.create(plan)
            await manager.start(cluster_id)
            return cluster_id

        return self._thread.call(act)

    def dv_start(self, cluster_id: str) -> Future[None]:
        """Go on from wherever it stands."""

        async def act(engine: Engine) -> None:
            await (await engine.distributed()).start(cluster_id)

        return self._thread.call(act)

    def dv_stop(self, cluster_id: str) -> Future[None]:
        """Stop it in order."""

        async def act(engine: Engine) -> None:
            await (await engine.distributed()).stop(cluster_id)

        return self._thread.call(act)

    def dv_remove(self, cluster_id: str, lose_keys: bool) -> Future[None]:
        """Forget a stopped one and delete its folder."""

        async def act(engine: Engine) -> None:
            await (await engine.distributed()).remove(cluster_id, lose_keys=lose_keys)

        return self._thread.call(act)

    def dv_ask_now(self, cluster_id: str) -> Future[None]:
        """Ask the Obol API now."""

        async def act(engine: Engine) -> None:
            (await _node(engine, cluster_id)).ask_again()

        return self._thread.call(act)

    def dv_confirm(self, cluster_id: str, definition_hash: str) -> Future[None]:
        """Let the key ceremony of this definition begin."""

        async def act(engine: Engine) -> None:
            await (await _node(engine, cluster_id)).confirm(definition_hash)

        return self._thread.call(act)

    def dv_settings(self, cluster_id: str) -> Future[DvSettings]:
        """How it is set up."""

        async def act(engine: Engine) -> DvSettings:
            return (await _node(engine, cluster_id)).settings

        return self._thread.call(act)

    def dv_change_settings(self, cluster_id: str, settings: DvSettings) -> Future[None]:
        """Take new settings for the next start of a stopped one."""

        async def act(engine: Engine) -> None:
            await (await _node(engine, cluster_id)).change_settings(settings)

        return self._thread.call(act)

    def dv_use_definition(self, cluster_id: str, file: Path) -> Future[None]:
        """Go on with the definition of a file."""

        async def act(engine: Engine) -> None:
            from node_manager.obol.cluster.documents import read_content

            content = await asyncio.to_thread(read_content, file)
            await (await engine.distributed()).use_definition(cluster_id, content)

        return self._thread.call(act)

    def dv_drop_definition(self, cluster_id: str) -> Future[None]:
        """Look for the cluster anew."""

        async def act(engine: Engine) -> None:
            await (await engine.distributed()).drop_definition(cluster_id)

        return self._thread.call(act)

    def dv_examine(self, cluster_id: str) -> Future[Sequence[CheckResult]]:
        """Run the doctor for one, the gravest findings first."""

        async def act(engine: Engine) -> Sequence[CheckResult]:
            from bridge.computer import examine_computer
            from node_manager.checks.result import gravest_first

            results = await (await _node(engine, cluster_id)).examine()
            return gravest_first([*results, *await examine_computer(engine)])

        return self._thread.call(act)

    def dv_mend(self, cluster_id: str, mend: Mend) -> Future[None]:
        """Do what a finding offers."""

        async def act(engine: Engine) -> None:
            from bridge.computer import MENDS, mend_computer
            from node_manager.checks.computer import close_folder
            from node_manager.checks.result import Mend

            if mend in MENDS:
                await mend_computer(engine, mend)
                return
            if mend is not Mend.CLOSE_FOLDER:
                raise ValueError(f"not done here: {mend}")
            await asyncio.to_thread(close_folder, (await _node(engine, cluster_id)).folder.root)

        return self._thread.call(act)

    def dv_history(self, cluster_id: str, span: Span) -> Future[Past]:
        """The figures of the last hour, day or week."""

        async def act(engine: Engine) -> Past:
            return await (await engine.dv_history()).read(cluster_id, span)

        return self._thread.call(act)

    def dv_back_up(
        self, cluster_id: str, file: Path, passphrase: SecretBytes, everything: bool
    ) -> Future[None]:
        """Write an encrypted backup and prove it by opening it."""

        async def act(engine: Engine) -> None:
            node = await _node(engine, cluster_id)
            with Passphrase(passphrase) as protection:
                if everything:
                    await node.back_up_files(file, protection)
                else:
                    await node.back_up_key(file, protection)

        return self._thread.call(act)

    def dv_prove_backup(self, cluster_id: str, file: Path, passphrase: SecretBytes) -> Future[None]:
        """Open a backup of the ENR key and hold it against the key."""

        async def act(engine: Engine) -> None:
            node = await _node(engine, cluster_id)
            with Passphrase(passphrase) as protection:
                await node.prove_key_backup(file, protection)

        return self._thread.call(act)


async def _node(engine: Engine, cluster_id: str) -> DvNode:
    return (await engine.distributed()).node(cluster_id)
