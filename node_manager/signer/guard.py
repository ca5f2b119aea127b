# SPDX-License-Identifier: Apache-2.0
"""What is signed and what is refused.

The rule is CometBFT's (`privval/file.go` v0.38): sign only what is higher in (height, round,
step) than the record, or give the recorded signature again for the same ballot, with the
recorded time in place of the new one. For the same requests the answers are the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node_manager.keys.signing_state import STEP_PRECOMMIT, SigningState
from node_manager.signer.ballots import Proposal, Vote, time_in
from node_manager.signer.errors import JournalUnwritable
from node_manager.signer.journal import Journal
from node_manager.signer.memory import VoteMemory
from node_manager.signer.messages import Refusal, Refused

Ballot = TypeVar("Ballot", Vote, Proposal)
Answer = TypeVar("Answer")


class Guard:
    """The only holder of the key, and of the record that every signature goes through.

    Attributes:
        votes: the precommits that it signed.
    """

    def __init__(self, key: Ed25519PrivateKey, journal: Journal) -> None:
        """Guard `key` with `journal`, whose chain id is the only one signed for."""
        self._sign = key.sign
        self._journal = journal
        self._broken: JournalUnwritable | None = None
        self.votes = VoteMemory(journal.state().height)
        self.chain_id = journal.chain_id
        self.pubkey = journal.pubkey
        self._chain_bytes = journal.chain_id.encode()

    @property
    def state(self) -> SigningState:
        """What was signed last."""
        return self._journal.state()

    def check_chain(self, chain_id: str) -> None:
        """Refuse requests for another chain.

        Raises:
            Refused: it is another one.
        """
        if chain_id != self.chain_id:
            raise Refused(Refusal.WRONG_CHAIN, f"this key signs for {self.chain_id} only")

    def sign_vote(self, vote: Vote, chain_id: str, finish: Callable[[Vote], Answer]) -> Answer:
        """What `finish` makes of `vote` with its signatures, once the record is durable.

        It is perhaps the recorded time instead of its own that is in it. Extensions may differ
        from try to try, so theirs is always signed anew.

        Raises:
            Refused: it must not be signed.
            JournalUnwritable: the record is not durable; no signature left, none will.
        """
        self.check_chain(chain_id)
        if vote.extension and not vote.extensible:
            raise Refused(Refusal.UNFIT, "only precommits for a block have an extension")

        def extended(signed: Vote) -> Answer:
            extension = signed.extension_sign_bytes(self._chain_bytes) if vote.extensible else b""
            signed.extension_signature = self._sign(extension) if extension else b""
            return finish(signed)

        new = (vote.height, vote.round, vote.step) > self._journal.state().position
        answer = self._signed(vote, extended)
        if new and vote.step == STEP_PRECOMMIT:
            self.votes.add(vote.height, vote.signature)
        return answer

    def sign_proposal(
        self, proposal: Proposal, chain_id: str, finish: Callable[[Proposal], Answer]
    ) -> Answer:
        """What `finish` makes of `proposal` with its signature, once the record is durable.

        It is perhaps the recorded time instead of its own that is in it.

        Raises:
            Refused: it must not be signed.
            JournalUnwritable: the record is not durable; no signature left, none will.
        """
        self.check_chain(chain_id)
        return self._signed(proposal, finish)

    def raise_to(self, state: SigningState) -> None:
        """Sign nothing up to `state` from now on; a lower one changes nothing.

        Raises:
            JournalUnwritable: the record is not durable; nothing will be signed.
        """
        if state.position > self.state.position:
            with self._recording():
                self._journal.write(state)
            self.votes.floor(state.height)

    def _signed(self, ballot: Ballot, finish: Callable[[Ballot], Answer]) -> Answer:
        last = self._journal.state()
        height, round_, step = ballot.height, ballot.round, ballot.step
        if (height, round_, step) > last.position:
            sign_bytes = ballot.sign_bytes(self._chain_bytes)
            with self._recording():
                self._journal.stage(SigningState(height, round_, step, sign_bytes))
                # The disk is at work meanwhile; whatever this makes stays here until it is done.
                ballot.signature = self._sign(sign_bytes)
                answer = finish(ballot)
                self._journal.settle()
            return answer
        if (height, round_, step) < last.position:
            raise Refused(
                Refusal.REGRESSION,
                f"regression: {height}/{round_}/{step} asked,"
                f" {last.height}/{last.round}/{last.step} recorded",
            )
        return finish(self._again(ballot, last))

    def _again(self, ballot: Ballot, last: SigningState) -> Ballot:
        time = time_in(last.sign_bytes, last.step)
        if time is not None and ballot.at(time).sign_bytes(self._chain_bytes) == last.sign_bytes:
            same = ballot.at(time)
            same.signature = last.signature or self._sign(last.sign_bytes)
            return same
        raise Refused(
            Refusal.DOUBLE_SIGN,
            f"double signing requested at height: {ballot.height}"
            f" (round {ballot.round}, step {ballot.step})",
        )

    @contextmanager
    def _recording(self) -> Iterator[None]:
        """After a failed write nobody knows what the disk holds: this process signs no more."""
        if self._broken is not None:
            raise self._broken
        try:
            yield
        except JournalUnwritable as error:
            self._broken = error
            raise
