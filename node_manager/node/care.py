# SPDX-License-Identifier: Apache-2.0
"""Caring for a node that shall run: watching it, and meeting what happens to it.

An end by itself, a halt, an upgrade, a finding that forbids going on, another machine with its key.
"""

from __future__ import annotations

import asyncio
import time

import structlog

from node_manager.cosmos.failures import diagnose_exit, retry_helps
from node_manager.cosmos.upgrades import UpgradePlan, read_upgrade_info
from node_manager.errors import FileTrouble, UpgradeAgain, UpgradeUnknown
from node_manager.explanation import Explanation, OneClickError
from node_manager.node.children import NODE_GRACE, Children
from node_manager.node.custody import Custody
from node_manager.node.identity import Identity
from node_manager.node.observation import Observation, Picture
from node_manager.node.portrait import Portrait
from node_manager.node.start import Start
from node_manager.node.verdict import FATAL_TROUBLE
from node_manager.node.work import WorkInHand
from node_manager.runtime.logfiles import tail
from node_manager.runtime.supervision import Decision, Exit, Phase, Supervision
from node_manager.state import NodeState

log = structlog.get_logger(__name__)

LAST_LINES = 400
UPGRADE_NEEDED = "upgrade-needed"
NODE_BEFORE_SIGNER = 3.0
"""Seconds for the node to end; a signer that must not sign any more ends then all the same."""

HALT_CONFIRMED = 5.0
"""Seconds for which the log must say that the node makes no more blocks before it is acted on."""


class Care:
    """Brings one node up, watches it and decides what is done about it."""

    def __init__(
        self,
        identity: Identity,
        custody: Custody,
        children: Children,
        start: Start,
        portrait: Portrait,
        work: WorkInHand,
    ) -> None:
        self._identity = identity
        self._custody = custody
        self._children = children
        self._start = start
        self._portrait = portrait
        self._work = work
        self._observing: asyncio.Task[None] | None = None
        self._halted_since: float | None = None
        self._closed = False

    async def bring_up(self) -> None:
        """Bring it up and watch it from then on; what fails is told in its state."""
        try:
            await self._start.bring_up()
            self._watch()
        except OneClickError as error:
            plan = await asyncio.to_thread(read_upgrade_info, self._identity.home)
            if error.explanation.code == UPGRADE_NEEDED and plan is not None:
                await self._upgrade(plan)
            else:
                await self._give_up(error.explanation)
        except OSError as error:
            await self._give_up(FileTrouble(reason=error).explanation)

    async def take_over(self, signer_lives: bool) -> None:
        """Go on with a node that runs, and watch it from then on."""
        try:
            await self._start.take_over(signer_lives)
            self._watch()
        except OneClickError as error:
            # The node lives and is left alone: only what we know of it is wanting.
            log.error("running node not taken over", node=self._identity.id, reason=str(error))
            self._portrait.enter(NodeState.FAILED, error.explanation)

    async def stop_watching(self) -> None:
        """Read nothing more of it."""
        observing, self._observing = self._observing, None
        if observing is not None:
            observing.cancel()
            await asyncio.gather(observing, return_exceptions=True)

    def show(self) -> None:
        """Show what is known; while the process is up its figures decide about the state."""
        if self._closed:
            return
        up = self._children.phase is Phase.UP and not self._ending()
        self._portrait.show(self._children.node, up, self._children.signing.trouble)

    def supervised(self, supervision: Supervision) -> None:
        """The node's process is in another phase."""
        if self._closed or self._ending():
            return
        if supervision.phase is Phase.BACKOFF:
            self._portrait.enter(NodeState.BACKOFF, supervision.reason)
        elif supervision.phase in {Phase.STARTING, Phase.UP} and not self._work.busy:
            self._portrait.enter(NodeState.STARTING)

    def took_picture(self, picture: Picture) -> None:
        """Decide about what was read."""
        self._portrait.picture = picture
        self.show()
        if picture.twin is not None:
            self._work.aside(self._meet_twin(picture.twin), f"twin of {self._identity.id}")
            return
        if self._work.busy or self._children.phase is not Phase.UP:
            return
        due = picture.due_upgrade
        if due is not None and due.name != self._identity.record.upgrade:
            self._work.begin(self._upgrade(due), f"upgrade {self._identity.id}")
        elif picture.trouble is not None and picture.trouble.code in FATAL_TROUBLE:
            self._work.begin(self._give_up(picture.trouble), "give up")
        elif (reason := self._confirmed_halt(picture)) is not None:
            # The file stays after an upgrade: whether the new program stops for it, too, only
            # its log can say.
            asks_again = due if reason.code == UPGRADE_NEEDED else None
            act = self._upgrade(asks_again) if asks_again else self._meet_halt(reason)
            self._work.begin(act, f"halt {self._identity.id}")

    async def exited(self, end: Exit) -> Decision:
        """The node ended by itself: an upgrade, a cause that no restart mends, or a crash."""
        if end.outcome is None:
            reason = end.error.explanation if end.error else None
            return Decision.restart(reason)
        plan = await asyncio.to_thread(read_upgrade_info, self._identity.home)
        height = self._portrait.picture.reading.height.value
        lines = await asyncio.to_thread(tail, self._identity.node_log, LAST_LINES)
        outcome = end.outcome
        code = outcome.code if outcome.signal is None else -outcome.signal
        reason = diagnose_exit(code, lines, upgrade=plan, height=height)
        upgrade = reason.code == UPGRADE_NEEDED and plan is not None
        if upgrade or not retry_helps(reason.code):
            if not self._work.busy:  # else the work in hand meets the failed phase
                act = self._upgrade(plan) if upgrade and plan else self._give_up(reason)
                self._work.begin(act, f"meet the end of {self._identity.id}")
            return Decision.fail(reason)
        log.info("node ended, starting it again", node=self._identity.id, reason=str(reason))
        try:
            await self._children.signing.start()
        except OneClickError as error:
            # Without its signer the node would only end again.
            if not self._work.busy:
                self._work.begin(self._give_up(error.explanation), "no signer")
            return Decision.fail(error.explanation)
        return Decision.restart(reason)

    def close(self) -> None:
        """Nothing that is read changes the status any more."""
        self._closed = True

    def _watch(self) -> None:
        if self._observing is not None and not self._observing.done():
            return
        observation = Observation(
            self._identity,
            self._custody,
            self._children,
            self.took_picture,
        )
        self._observing = self._work.aside(observation.run(), f"observe {self._identity.id}")

    def _ending(self) -> bool:
        return self._portrait.status.state in {NodeState.STOPPING, NodeState.UPGRADING}

    async def _give_up(self, reason: Explanation) -> None:
        await self.stop_watching()
        await self._children.stop_within(NODE_GRACE)
        self._portrait.enter(NodeState.FAILED, reason)

    def _confirmed_halt(self, picture: Picture) -> Explanation | None:
        """The log says that it halted, and its height has stood still since."""
        if picture.halted is None or (picture.reading.stalled_for or 0.0) < HALT_CONFIRMED:
            self._halted_since = None
            return None
        now = time.monotonic()
        self._halted_since = self._halted_since or now
        return picture.halted if now - self._halted_since >= HALT_CONFIRMED else None

    async def _meet_twin(self, reason: Explanation) -> None:
        """Somebody else signs with our key: end our part at once and for good."""
        record = self._identity.record
        if record.twin_seen and not record.wanted:
            return
        log.error("key in use elsewhere", node=self._identity.id, reason=str(reason))
        record.wanted, record.twin_seen = False, True
        await self._identity.save()
        await self._work.cancel()
        self._portrait.enter(NodeState.STOPPING, reason)
        await self.stop_watching()
        await self._children.stop_within(NODE_BEFORE_SIGNER)
        self._portrait.enter(NodeState.FAILED, reason)

    async def _meet_halt(self, reason: Explanation) -> None:
        """A halted node lives on for nothing: start it again where that helps, else end it."""
        log.warning("node halted", node=self._identity.id, reason=str(reason))
        self._halted_since = None
        if not retry_helps(reason.code):
            await self._give_up(reason)
            return
        self._portrait.enter(NodeState.BACKOFF, reason)
        await self.stop_watching()
        try:
            await self._children.stop_node()
            await self.bring_up()
        except OneClickError as error:
            await self._give_up(error.explanation)

    async def _upgrade(self, plan: UpgradePlan) -> None:
        """The node stopped for an upgrade: end it and bring it up with the release it asks for."""
        log.info("upgrade due", node=self._identity.id, name=plan.name, height=plan.height)
        self._portrait.enter(NodeState.UPGRADING)
        await self.stop_watching()
        try:
            if self._identity.record.upgrade == plan.name:
                raise UpgradeAgain(name=plan.name, height=plan.height)
            await self._children.stop_node()
            await self._note_upgrade(plan)
        except OneClickError as error:
            await self._give_up(error.explanation)
            return
        await self.bring_up()

    async def _note_upgrade(self, plan: UpgradePlan) -> None:
        profile = self._identity.profile()
        if profile.release_for(plan.name) is None:
            raise UpgradeUnknown(name=plan.name, height=plan.height, network=profile.display_name)
        self._identity.record.upgrade = plan.name
        await self._identity.save()
