# SPDX-License-Identifier: Apache-2.0
"""From nothing to a running node, or from a node that runs already."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from node_manager.checks.preflight import preflight
from node_manager.checks.result import require
from node_manager.explanation import OneClickError
from node_manager.node.children import Children
from node_manager.node.examination import examination_plan
from node_manager.node.identity import Identity
from node_manager.node.portrait import Portrait
from node_manager.node.preparation import Preparation
from node_manager.node.steps import Steps
from node_manager.runtime.errors import RuntimeTrouble
from node_manager.state import NodeState, Step

log = structlog.get_logger(__name__)

LOOK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Start:
    """The steps of a start, in their order; each does only what is still to be done."""

    identity: Identity
    children: Children
    preparation: Preparation
    portrait: Portrait
    steps: Steps

    async def bring_up(self) -> None:
        """Program, home, genesis, key, signer, node; returns when the node answers.

        Raises:
            OneClickError: the step that failed says why.
            OSError: the disk refuses.
        """
        identity, children = self.identity, self.children
        self.steps.begin_again()
        self.portrait.enter(NodeState.PREPARING)
        profile = identity.profile()
        self.portrait.set_token(profile.display_denom, profile.decimals)
        await self._until_it_can_run()
        way = children.way
        installed = await self.preparation.program(profile, identity.release(profile), way.target)
        if not await children.node_lives():
            require(await preflight(examination_plan(identity, (), installed.path)))
        children.program = await way.program(installed.path)
        await self.preparation.prepare(children.program, profile, identity.record, way.listens())
        await self.preparation.genesis(profile)
        await self._set_version(profile.daemon_name, installed.version)
        with self.steps.working(Step.KEY, "opening the key, starting the signer"):
            await children.signing.start()
        self.steps.update(Step.KEY, note="signer started, guard in force")
        with self.steps.working(Step.START, f"starting {children.program.name}"):
            self.portrait.enter(NodeState.STARTING)
            await children.start_node()
            await children.until_it_answers()
        self.steps.update(Step.START, note="the node answers")

    async def take_over(self, signer_lives: bool) -> None:
        """Adopt the running node without touching it; bring its signer back if that has ended.

        Raises:
            OneClickError: the node runs on, and is not known to us.
        """
        identity, children = self.identity, self.children
        profile = identity.profile()
        self.portrait.set_token(profile.display_denom, profile.decimals)
        installed = await self.preparation.program(
            profile, identity.release(profile), children.way.target
        )
        children.program = await children.way.program(installed.path)
        if not signer_lives:
            await self._start_signer_beside()
        self.portrait.enter(NodeState.STARTING)
        await children.start_node()
        for step in (Step.PREPARE, Step.GENESIS, Step.KEY, Step.START):
            self.steps.done(step, "taken over from the last start of the app")

    async def _until_it_can_run(self) -> None:
        """Wait for what may come by itself, such as an engine that starts with the computer."""
        while (trouble := await self.children.way.trouble()) is not None:
            if not isinstance(trouble, RuntimeTrouble) or not trouble.passing:
                raise trouble
            self.portrait.enter(NodeState.BACKOFF, trouble.explanation)
            await asyncio.sleep(LOOK_SECONDS)
        self.portrait.enter(NodeState.PREPARING)

    async def _start_signer_beside(self) -> None:
        """A locked key leaves the node without a signer: told, and mended by the person."""
        try:
            await self.children.signing.start()
        except OneClickError as error:
            log.info("signer waits", node=self.identity.id, reason=str(error))
            self.portrait.tell(error.explanation)

    async def _set_version(self, program: str, version: str) -> None:
        self.portrait.set_program(program, version)
        if self.identity.record.program_version != version:
            self.identity.record.program_version = version
            await self.identity.save()
