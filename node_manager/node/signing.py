# SPDX-License-Identifier: Apache-2.0
"""The signer of one node: started before the node, kept alive, ended after it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence

import structlog

from node_manager.durable import make_private_folder
from node_manager.errors import PassphraseNeeded, SignerFailed
from node_manager.explanation import Explained, Explanation
from node_manager.figures import Figure, read, unknown
from node_manager.keys.importing import raise_record
from node_manager.keys.secret import SecretBytes
from node_manager.keys.signing_state import SigningState
from node_manager.layout import NodeFolder
from node_manager.node.custody import Custody
from node_manager.node.record import save_record
from node_manager.runtime.backoff import Backoff
from node_manager.runtime.child import Child
from node_manager.runtime.logfiles import tail
from node_manager.runtime.process import Launch, still_lives
from node_manager.runtime.supervision import (
    Decision,
    Exit,
    Phase,
    Supervision,
    restart_unless_hopeless,
)
from node_manager.runtime.supervisor import Supervisor
from node_manager.signer.control import SignerControl
from node_manager.signer.doppelganger import ChainView, check_doppelganger, newest_signed_height
from node_manager.signer.errors import SignerUnreachable, explain_exit
from node_manager.signer.launch import CONTROL, plan_for, signer_launch, wipe_stdin
from node_manager.signer.memory import SignerVotes
from node_manager.signer.signlog import read_last_words
from node_manager.state import SignerFigures

log = structlog.get_logger(__name__)

SIGNER_GRACE = 10.0
ANSWER_SECONDS = 20.0
FIGURES_PERIOD = 5.0


class Signing:
    """Keeps the signer alive while its node shall sign; holds the open key in locked memory."""

    def __init__(
        self,
        folder: NodeFolder,
        custody: Custody,
        views: Callable[[], Sequence[ChainView]],
        on_change: Callable[[], None],
        *,
        dials: Callable[[], str],
    ) -> None:
        """Nothing runs yet.

        Args:
            views: the network's own RPC servers, to learn what this key has signed.
            dials: where the node awaits its signer.
        """
        self._folder = folder
        self._custody = custody
        self._views = views
        self._on_change = on_change
        self._dials = dials
        self._seed: SecretBytes | None = None
        self._launch: Launch | None = None
        self._seen: int | None = None
        self._control = SignerControl(folder.run / CONTROL)
        self._process_record = folder.run / "signer-process.json"
        self._supervisor = Supervisor(
            "signer",
            self._make_launch,
            self._process_record,
            on_exited=self._exited,
            on_started=self._started,
            on_change=self._changed,
            backoff=Backoff(first=0.1, longest=10.0),
            grace_seconds=SIGNER_GRACE,
        )

    @property
    def locked(self) -> bool:
        """Whether the key is not open, so that a signer could not be started."""
        return self._seed is None

    @property
    def process(self) -> Child | None:
        """The signer's process, None while there is none."""
        return self._supervisor.process

    @property
    def supervision(self) -> Supervision:
        """What is being done about the signer's process."""
        return self._supervisor.supervision

    @property
    def trouble(self) -> Explanation | None:
        """Why nothing is signed, None while the signer runs."""
        if self.supervision.reason is not None:
            return self.supervision.reason
        waits = self.locked and self._supervisor.phase is not Phase.UP
        return PassphraseNeeded().explanation if waits else None

    async def unlock(self, passphrase: SecretBytes | None) -> None:
        """Open the key and keep it for the signer's starts.

        Raises:
            PassphraseNeeded, KeysError: it stays locked.
        """
        unlocked = await self._custody.open(passphrase)
        if self._seed is not None:
            self._seed.close()
        self._seed = unlocked.seed
        self._on_change()

    def lock(self) -> None:
        """Overwrite the open key; a running signer keeps its own."""
        if self._seed is not None:
            self._seed.close()
            self._seed = None

    async def adopt(self) -> bool:
        """Take over a signer that an earlier run of the app started, if it still lives."""
        if not await still_lives(self._process_record):
            return False
        await self._supervisor.start()
        return True

    async def start(self) -> None:
        """Start the signer, after the check for another one where the key came from elsewhere.

        Raises:
            PassphraseNeeded: the key is locked.
            SignerError: somebody else signs with it, or the record is not fit to sign.
        """
        if self._supervisor.phase is Phase.UP:
            return
        if self._seed is None:
            await self.unlock(None)
        await self._exclude_doppelganger()
        self._seen = await self._newest_signed()
        await asyncio.to_thread(make_private_folder, self._folder.signer)
        await self._supervisor.start()
        await self._until_it_answers()

    async def stop(self) -> None:
        """End the signer; its node must have ended before."""
        await self._supervisor.stop()

    async def leave(self) -> None:
        """Let the signer run on without the app."""
        await self._supervisor.leave()

    async def figures(self) -> Figure[SignerFigures]:
        """What the signer says of itself now."""
        if self._supervisor.phase is not Phase.UP:
            reason = self.supervision.reason
            return unknown(str(reason) if reason else "The signer is not running.", "signer")
        try:
            return read(await self._control.figures(), "signer", period=FIGURES_PERIOD)
        except SignerUnreachable as error:
            return unknown(str(error), "signer")

    async def votes(self, above: int) -> SignerVotes | None:
        """The votes that the running signer made above a height; None when it cannot tell."""
        if self._supervisor.phase is not Phase.UP:
            return None
        try:
            return await self._control.votes(above)
        except SignerUnreachable as error:
            log.info("signer does not tell its votes", reason=str(error))
            return None

    async def _exclude_doppelganger(self) -> None:
        assert self._seed is not None  # noqa: S101  (unlocked by start)
        # Vouched for by the open key: the file's readable part could have been changed.
        info = self._custody.store.read_vouched(self._seed)
        record = self._custody.record
        if not info.needs_doppelganger and not record.twin_seen:
            return
        log.info("watching the chain for another signer of this key")
        checked = await check_doppelganger(
            self._views(), info.public_key.address_bytes, chain_id=self._custody.record.chain_id
        )
        # The chain is further than the state that came with the key: what the old machine has
        # signed since is not in it. Nobody signs now, so everything up to here is left alone.
        signed = self._custody.signing_record()
        await asyncio.to_thread(raise_record, signed, SigningState.before(checked + 2))
        await self._custody.store.clear_doppelganger(self._seed, checked)
        if record.twin_seen:
            record.twin_seen = False
            await asyncio.to_thread(save_record, self._folder.record, record)

    async def _newest_signed(self) -> int | None:
        """None where the network shows none or cannot be asked: the record itself decides then."""
        address = self._custody.info().public_key.address_bytes
        chain_id = self._custody.record.chain_id
        return await newest_signed_height(self._views(), address, chain_id=chain_id)

    async def _until_it_answers(self) -> None:
        """A signer that refuses to sign says so within a moment: no node is started then."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while self._supervisor.phase in {Phase.STARTING, Phase.UP, Phase.BACKOFF}:
            with contextlib.suppress(SignerUnreachable):
                await self._control.figures()
                return
            if time.monotonic() > deadline:
                raise SignerFailed(reason="It does not answer.")
            await asyncio.sleep(0.02)
        reason = self.supervision.reason
        raise Explained(reason) if reason else SignerFailed(reason="It ended.")

    async def _make_launch(self) -> Launch:
        if self._seed is None:
            raise PassphraseNeeded()
        self._wipe()
        plan = plan_for(
            self._folder,
            chain_id=self._custody.record.chain_id,
            pubkey=self._custody.info().public_key.raw,
            node_address=self._dials(),
            seen_height=self._seen,
        )
        self._launch = signer_launch(plan, self._seed, self._folder.logs / "signer.log")
        return self._launch

    def _started(self, _process: Child) -> None:
        self._wipe()

    def _wipe(self) -> None:
        if self._launch is not None:
            wipe_stdin(self._launch)
            self._launch = None

    async def _exited(self, end: Exit) -> Decision:
        self._wipe()
        if end.outcome is None:
            return await restart_unless_hopeless(end)
        code = end.outcome.code
        words = await asyncio.to_thread(tail, self._folder.logs / "signer.log", 20)
        reason = None if code is None else explain_exit(code, read_last_words(words))
        if reason is not None:
            log.error("signer refuses to go on", reason=str(reason))
            return Decision.fail(reason)
        if self._seed is None:
            return Decision.fail(PassphraseNeeded().explanation)
        return Decision.restart(SignerFailed(reason=f"Its process {end.outcome}.").explanation)

    def _changed(self, _supervision: Supervision) -> None:
        self._on_change()
