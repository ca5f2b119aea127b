# SPDX-License-Identifier: Apache-2.0
"""From the operator's invites to one definition that everybody signed and every check accepts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import structlog

from node_manager.durable import make_private_folder, write_durably
from node_manager.explanation import Explanation
from node_manager.obol.cluster.api import ObolApi
from node_manager.obol.cluster.documents import Definition, parse_definition, read_definition
from node_manager.obol.cluster.verification import Verification, verify_definition
from node_manager.obol.cluster.waiting import InviteWatch, PollState, Round
from node_manager.obol.errors import LockExists, ObolError, VerificationRefused
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.settings import DvSettings

log = structlog.get_logger(__name__)


class Joining:
    """The way into one cluster.

    Args:
        on_round: told after each asking of the API.
        on_checks: told the checks of a definition, before they decide.
    """

    def __init__(
        self,
        folder: ClusterFolder,
        settings: DvSettings,
        enr: str,
        *,
        allow_unsigned: bool,
        on_round: Callable[[Round], object],
        on_checks: Callable[[Definition, Verification], object],
        on_refused: Callable[[Explanation], object],
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._enr = enr
        self._allow_unsigned = allow_unsigned
        self._on_round = on_round
        self._on_checks = on_checks
        self._on_refused = on_refused
        self._watch: InviteWatch | None = None

    def hurry(self) -> None:
        """Ask the API again now."""
        if self._watch is not None:
            self._watch.hurry()

    async def definition(self) -> Definition:
        """The cluster's definition: the one on disk, or the one that the API gives in the end.

        Raises:
            LockExists: its ceremony was held already, and this node has not its files.
            VerificationRefused, DocumentNotUnderstood: the one on disk is refused.
        """
        sidecar = self._settings.charon.dkg_sidecar
        async with ObolApi(sidecar.api_endpoint, page_limit=sidecar.page_limit) as api:
            if self._folder.definition.exists():
                definition = await asyncio.to_thread(read_definition, self._folder.definition)
                await self._verify(definition)
                if not self._allow_unsigned:
                    await self._require_no_lock(api, definition)
                return definition
            return await self._wait(api)

    async def _wait(self, api: ObolApi) -> Definition:
        charon = self._settings.charon
        self._watch = InviteWatch(
            api,
            charon.dkg_sidecar,
            operator=charon.operator_address,
            enr=self._enr,
            network=self._settings.network,
            state=self._folder.poll,
        )
        async for asked in self._watch.rounds():
            self._on_round(asked)
            for invite in asked.invites:
                if asked.trouble is not None or not invite.ready:
                    continue
                definition = await self._take(api, invite.config_hash)
                if definition is not None:
                    return definition
        raise AssertionError("rounds do not end")

    async def _take(self, api: ObolApi, config_hash: str) -> Definition | None:
        """The whole definition of a ready invite, checked and kept; None to go on waiting."""
        try:
            raw = await api.definition(config_hash)
            if raw is None:
                return None
            definition = parse_definition(raw)
            await self._verify(definition, config_hash)
            if await api.lock(config_hash) is not None:
                raise LockExists(where=f"at the Obol API {api.endpoint}")
        except LockExists:
            raise
        except ObolError as error:
            if isinstance(error, VerificationRefused):
                log.info("definition refused", checks=error.facts.get("checks"))
            self._on_refused(error.explanation)
            return None
        await asyncio.to_thread(_keep, self._folder.definition, raw)
        return definition

    async def _verify(self, definition: Definition, config_hash: str = "") -> None:
        charon = self._settings.charon
        verification = await asyncio.to_thread(
            verify_definition,
            definition,
            network=self._settings.network,
            config_hash=config_hash or charon.dkg_sidecar.target_config_hash,
            allow_unsigned=self._allow_unsigned,
            contracts_checked_later=bool(charon.execution_client_rpc_endpoint),
        )
        self._on_checks(definition, verification)
        verification.require()

    async def _require_no_lock(self, api: ObolApi, definition: Definition) -> None:
        """Ask whether a ceremony was held since; begin none while that is not known."""
        delay = self._settings.charon.dkg_sidecar.initial_retry_delay_seconds
        while True:
            try:
                found = await api.lock(f"0x{definition.config_hash.hex()}")
            except ObolError as error:
                self._on_refused(error.explanation)
                await asyncio.sleep(delay)
                delay = min(
                    delay * self._settings.charon.dkg_sidecar.retry_delay_factor,
                    self._settings.charon.dkg_sidecar.max_retry_delay_seconds,
                )
                continue
            if found is not None:
                raise LockExists(where=f"at the Obol API {api.endpoint}")
            return


async def ask_once(folder: ClusterFolder, settings: DvSettings, enr: str) -> Round:
    """One asking of the API, without touching the state of a wait."""
    charon = settings.charon
    sidecar = charon.dkg_sidecar
    async with ObolApi(sidecar.api_endpoint, page_limit=sidecar.page_limit) as api:
        watch = InviteWatch(
            api,
            sidecar,
            operator=charon.operator_address,
            enr=enr,
            network=settings.network,
            state=folder.poll,
        )
        asked, _ = await watch.ask(PollState(delay=sidecar.initial_retry_delay_seconds))
    return asked


def _keep(path: Path, raw: dict[str, object]) -> None:
    make_private_folder(path.parent)
    write_durably(path, json.dumps(raw, indent=1))
