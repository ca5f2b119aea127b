# SPDX-License-Identifier: Apache-2.0
"""Waiting for the cluster: asking the API at growing intervals, resumable after a restart."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import BaseModel, Field, ValidationError

from node_manager.durable import make_private_folder, write_durably
from node_manager.explanation import Explanation
from node_manager.obol.cluster.api import ListedDefinition, ObolApi
from node_manager.obol.cluster.invites import Invite, read_invite
from node_manager.obol.errors import ApiBusy, ObolError
from node_manager.obol.settings import DkgSidecar

log = structlog.get_logger(__name__)

JITTER = 0.2
"""Largest share by which chance moves an interval, so that operators do not ask in step."""


class PollState(BaseModel):
    """Where the wait has come to (`wait.json`).

    Attributes:
        delay: seconds of the next interval.
        next_at: Unix time before which the API is not asked again.
        seen: what was signed when it was last asked.
    """

    delay: float = Field(gt=0)
    next_at: float = 0.0
    seen: list[str] = []


@dataclass(frozen=True, slots=True)
class Round:
    """One asking.

    Attributes:
        invites: of the last answer; also kept when this asking got none.
        unreadable: why definitions of the answer were left out.
        asked_at: Unix time.
        next_at: Unix time of the next asking.
        trouble: why there was no answer.
        progress: whether somebody signed since the asking before.
    """

    invites: tuple[Invite, ...]
    unreadable: tuple[str, ...]
    asked_at: float
    next_at: float
    trouble: Explanation | None
    progress: bool

    @property
    def ready(self) -> Invite | None:
        """The first invite that can go on."""
        return next((invite for invite in self.invites if invite.ready), None)


class InviteWatch:
    """Asks the API for the operator's clusters, round after round.

    Args:
        state: file of the state; a restart goes on with its interval.
        now: Unix time.
        uniform: chance, for the jitter.
    """

    def __init__(
        self,
        api: ObolApi,
        settings: DkgSidecar,
        *,
        operator: str,
        enr: str,
        network: str,
        state: Path,
        now: Callable[[], float] = time.time,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._api = api
        self._settings = settings
        self._operator = operator
        self._enr = enr
        self._network = network
        self._path = state
        self._now = now
        self._uniform = uniform
        self._invites: tuple[Invite, ...] = ()
        self._unreadable: tuple[str, ...] = ()
        self._hurry = asyncio.Event()

    def hurry(self) -> None:
        """Ask again now: the person pressed the button."""
        self._hurry.set()

    async def rounds(self) -> AsyncIterator[Round]:
        """Ask, tell, wait, until closed."""
        state = await asyncio.to_thread(self._load)
        await self._sleep(state.next_at)
        while True:
            asked, state = await self.ask(state)
            await asyncio.to_thread(self._save, state)
            yield asked
            await self._sleep(state.next_at)

    async def ask(self, state: PollState) -> tuple[Round, PollState]:
        """One asking, and the state after it."""
        started = self._now()
        trouble, at_least = None, 0.0
        try:
            self._take(await self._api.definitions_of(self._operator))
        except ObolError as error:
            trouble = error.explanation
            if isinstance(error, ApiBusy):
                at_least = float(str(error.facts["seconds"]))
            log.info("invites not read", code=trouble.code, reason=str(error.facts.get("reason")))
        seen = self._fingerprint()
        progress = trouble is None and seen != state.seen
        delay = self._settings.initial_retry_delay_seconds if progress else state.delay
        moved = delay * self._uniform(1 - JITTER, 1 + JITTER)
        pause = max(min(moved, self._settings.max_retry_delay_seconds), at_least)
        grown = min(
            delay * self._settings.retry_delay_factor, self._settings.max_retry_delay_seconds
        )
        after = PollState(
            delay=grown,
            next_at=self._now() + pause,
            seen=state.seen if trouble is not None else seen,
        )
        told = Round(self._invites, self._unreadable, started, after.next_at, trouble, progress)
        return told, after

    def _take(self, listed: list[ListedDefinition]) -> None:
        self._invites = tuple(
            read_invite(
                one.definition,
                self._operator,
                self._enr,
                network=self._network,
                target=self._settings.target_config_hash,
            )
            for one in listed
            if one.definition is not None
        )
        self._unreadable = tuple(one.trouble for one in listed if one.definition is None)

    def _fingerprint(self) -> list[str]:
        return sorted(
            f"{invite.config_hash}/{one.number}/{one.enr}/{one.config_signed}/{one.enr_signed}"
            for invite in self._invites
            for one in invite.operators
        )

    async def _sleep(self, until: float) -> None:
        longest = max(self._settings.max_retry_delay_seconds, 3600.0)
        self._hurry.clear()
        try:
            await asyncio.wait_for(self._hurry.wait(), min(max(until - self._now(), 0.0), longest))
        except TimeoutError:
            return

    def _load(self) -> PollState:
        fresh = PollState(delay=self._settings.initial_retry_delay_seconds)
        try:
            found = PollState.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return fresh
        if found.next_at > self._now() + max(self._settings.max_retry_delay_seconds, 3600.0):
            return fresh  # a clock that was set back must not stop the wait for days
        return found

    def _save(self, state: PollState) -> None:
        try:
            make_private_folder(self._path.parent)
            write_durably(self._path, state.model_dump_json())
        except OSError as error:
            log.info("wait not recorded", path=str(self._path), error=error.strerror)
