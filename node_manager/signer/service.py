# SPDX-License-Identifier: Apache-2.0
"""The signer's work: dial the node, answer what it asks, dial again when it is gone."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

from node_manager.signer.ballots import Proposal, Vote
from node_manager.signer.connection import Channel, Dialer, MessageReader
from node_manager.signer.guard import Guard
from node_manager.signer.messages import (
    ANSWER_ROOM,
    MAX_MESSAGE,
    PING_ANSWER,
    PingRequest,
    PubKeyRequest,
    Refusal,
    Refused,
    SignProposalRequest,
    SignVoteRequest,
    proposal_answer,
    pubkey_answer,
    read_request,
    refusal_answer,
    vote_answer,
)
from node_manager.signer.signlog import REFUSED, say
from node_manager.signer.statistics import Statistics
from node_manager.signer.wire import Malformed

REDIAL_SECONDS = 0.2
"""A node waits 3 s for its signer and then gives up; this is well below."""


class Service:
    """Answers one node. Plain blocking sockets: nothing is faster for one request at a time."""

    def __init__(self, guard: Guard, dialer: Dialer) -> None:
        """Sign with `guard` what the node behind `dialer` asks for."""
        self._guard = guard
        self._dialer = dialer
        self._stopping = threading.Event()
        self._signing = threading.Lock()
        self._channel: Channel | None = None
        self.statistics = Statistics()

    @property
    def guard(self) -> Guard:
        """What signs; use it under `exclusively`."""
        return self._guard

    @property
    def exclusively(self) -> threading.Lock:
        """Held while a request is answered: nothing else may touch the guard meanwhile."""
        return self._signing

    def stop(self) -> None:
        """Make `run` return; a request that is being answered gets its answer first."""
        self._stopping.set()
        with self._signing, contextlib.suppress(OSError):
            if self._channel is not None:
                self._channel.shutdown(socket.SHUT_RD)

    def run(self) -> None:
        """Serve until `stop`.

        Raises:
            JournalUnwritable: what is signed cannot be recorded; nothing more may be signed.
        """
        trouble = ""
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                channel = self._dialer.dial()
            except OSError as error:
                if str(error) != trouble:
                    trouble = str(error)
                    say("info", "waiting for the node", node=self._dialer.address, why=trouble)
                self._stopping.wait(REDIAL_SECONDS)
                continue
            trouble = ""
            say("info", "connected to the node", node=self._dialer.address)
            self._channel = channel
            try:
                self._serve(channel)
            finally:
                self._channel = None
                self.statistics.connected = False
                channel.close()
            if time.monotonic() - started < REDIAL_SECONDS:
                self._stopping.wait(REDIAL_SECONDS)

    def _serve(self, channel: Channel) -> None:
        reader = MessageReader(channel)
        try:
            while not self._stopping.is_set() and (message := reader.read()) is not None:
                self.statistics.connected = True
                started = time.perf_counter()
                with self._signing:
                    answer, signed = self._answer(message)
                channel.sendall(answer)
                if signed:
                    self.statistics.note_signed(time.perf_counter() - started)
            say("info", "the node ended the connection")
        except Malformed as error:
            say("warning", "connection closed", why=f"malformed: {error}")
        except BlockingIOError:  # what a socket's own time limit ends with
            say("info", "the node fell silent")
        except OSError as error:
            say("info", "connection lost", why=error)

    def _answer(self, message: bytes) -> tuple[bytes, bool]:
        """The answer to `message`, and whether it holds a signature.

        Raises:
            Malformed: it is no request; the connection is of no use.
            JournalUnwritable: what is signed cannot be recorded.
        """
        request = read_request(message)
        if isinstance(request, PingRequest):
            return PING_ANSWER, False
        try:
            if len(message) + ANSWER_ROOM > MAX_MESSAGE:
                raise Refused(Refusal.UNFIT, "the answer would be longer than a node reads")
            if isinstance(request, PubKeyRequest):
                self._guard.check_chain(request.chain_id)
                return pubkey_answer(self._guard.pubkey), False
            return self._signed(request), True
        except Refused as refused:
            self.statistics.note_refused(refused.description)
            say("warning", REFUSED, code=refused.code.name, why=refused.description)
            return refusal_answer(request, refused), False

    def _signed(self, request: SignVoteRequest | SignProposalRequest) -> bytes:
        try:
            if isinstance(request, SignVoteRequest):
                vote = Vote.read(request.vote)
                return self._guard.sign_vote(vote, request.chain_id, vote_answer)
            proposal = Proposal.read(request.proposal)
            return self._guard.sign_proposal(proposal, request.chain_id, proposal_answer)
        except Malformed as error:
            raise Refused(Refusal.UNFIT, str(error)) from None
