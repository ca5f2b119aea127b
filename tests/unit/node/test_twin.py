# SPDX-License-Identifier: Apache-2.0
"""A second signer of the same key is noticed while ours runs, by what both really sign."""

from __future__ import annotations

import asyncio
import base64
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node_manager.cosmos.failures import LogDiagnosis
from node_manager.keys.signing_state import SigningState
from node_manager.node.custody import Custody
from node_manager.node.twin import TwinWatch
from node_manager.signer.errors import SignerUnreachable
from node_manager.signer.journal import Journal
from node_manager.signer.memory import KEPT, SignerVotes, VoteMemory
from node_manager.signer.record import FolderRecord
from node_manager.signer.wire import blob, delimited, read_fields, sub
from node_manager.state import BlockMark
from tests.unit.signer.ballots import CHAIN, vote
from tests.unit.signer.test_process import SEED, Runner
from tests.unit.signer.test_service import Node, answer

SIGNATURE = 8
"""Field of a vote (CometBFT `proto/tendermint/types/types.proto`)."""


class Machine:
    """A computer with a node and a real signer process of the key."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.pubkey = Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
        self.node = Node(folder)
        self.runner = Runner(folder, self.pubkey)
        state = SigningState.before(50)
        Journal.create(self.runner.plan.folder, CHAIN, self.pubkey, state).close()
        self.control = self.runner.control
        self.process = self.runner.start()
        self.stream = self.node.accept()

    def votes_for(self, height: int, block: str = "a", *, second: int = 0) -> str:
        """The signature that goes to the chain, at this machine's time."""
        ballot = vote(height, 0, 3, block, 1_800_000_000 + second)
        request = sub(b"\x0a", ballot.encoded()) + sub(b"\x12", CHAIN.encode())
        self.stream.sendall(delimited(sub(b"\x1a", request)))
        signed = read_fields(blob(answer(self.stream), 1))
        return base64.b64encode(blob(signed, SIGNATURE)).decode()

    async def tells(self, above: int) -> SignerVotes | None:
        try:
            return await self.control.votes(above)
        except SignerUnreachable:
            return None

    async def start_signer_again(self) -> None:
        self.process.terminate()
        await asyncio.to_thread(self.process.wait, 10)
        self.process = self.runner.start()
        self.stream = await asyncio.to_thread(self.node.accept)
        await self.runner.answering()

    def watch(self) -> TwinWatch:
        record = FolderRecord(self.runner.plan.folder, CHAIN, self.pubkey)
        custody: Any = SimpleNamespace(newest_state=record.newest, record=SimpleNamespace(id="one"))
        return TwinWatch(cast(Custody, custody), LogDiagnosis(), self.tells)

    def close(self) -> None:
        self.node.close()
        for process in self.runner.running:
            process.kill()
            process.wait()


@pytest.fixture
def here() -> Iterator[Machine]:
    yield from machine()


@pytest.fixture
def elsewhere() -> Iterator[Machine]:
    yield from machine()


def machine() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="twin-") as name:
        made = Machine(Path(name) / "m")
        yield made
        made.close()


def in_block(height: int, signature: str, kind: str = "signed") -> BlockMark:
    return BlockMark(height, kind, 0.0, 0, signature)


async def test_the_same_block_signed_by_another_machine_is_noticed(
    here: Machine, elsewhere: Machine
) -> None:
    watch = here.watch()
    ours = here.votes_for(60)
    assert await watch.look([in_block(60, ours)]) is None
    # Both vote for block 61, and the chain took the other one's vote.
    mine, theirs = here.votes_for(61), elsewhere.votes_for(61, second=1)
    assert mine != theirs
    told = await watch.look([in_block(60, ours), in_block(61, theirs)])
    assert told is not None
    assert (told.code, told.facts) == ("signs-elsewhere", {"height": 61})


async def test_up_to_which_block_nobody_else_signed_is_told(
    here: Machine, elsewhere: Machine
) -> None:
    watch = here.watch()
    assert watch.compared.current() is None
    assert watch.compared.why
    await watch.look([in_block(60, here.votes_for(60)), in_block(61, here.votes_for(61))])
    assert watch.compared.current() == 61
    assert watch.compared.at is not None
    # A vote that is not ours moves it no further, nor does a block without one.
    here.votes_for(62)
    await watch.look([in_block(62, elsewhere.votes_for(62, second=1)), in_block(63, "", "missed")])
    assert watch.compared.current() == 61


async def test_what_an_earlier_signer_signed_is_not_called_compared(here: Machine) -> None:
    signed = here.votes_for(60)
    await here.start_signer_again()
    watch = here.watch()
    assert await watch.look([in_block(60, signed)]) is None
    assert watch.compared.current() is None


async def test_a_vote_at_a_height_that_ours_left_out_is_noticed(
    here: Machine, elsewhere: Machine
) -> None:
    theirs = elsewhere.votes_for(61)
    here.votes_for(62)
    told = await here.watch().look([in_block(61, theirs)])
    assert told is not None
    assert told.code == "signs-elsewhere"


async def test_our_own_votes_alarm_nobody(here: Machine) -> None:
    watch = here.watch()
    marks = [in_block(height, here.votes_for(height)) for height in range(60, 70)]
    marks[4] = in_block(64, "", "missed")
    # Late and out of order, as the strip fills in; asked for twice; the app starts anew.
    assert here.votes_for(69, second=5) == marks[-1].signature
    assert await watch.look(marks[5:]) is None
    assert await watch.look(marks) is None
    assert await here.watch().look(marks) is None
    # The signer starts anew: what it signed before is not held against anybody.
    await here.start_signer_again()
    assert await watch.look(marks) is None
    later = in_block(70, here.votes_for(70))
    assert await watch.look([*marks, later]) is None
    assert await here.watch().look([*marks, later]) is None


async def test_a_raised_record_explains_votes_below_it(here: Machine, elsewhere: Machine) -> None:
    theirs = elsewhere.votes_for(61)
    await here.control.raise_floor(65)
    assert await here.watch().look([in_block(61, theirs)]) is None


async def test_a_signer_that_cannot_tell_is_no_evidence(here: Machine, elsewhere: Machine) -> None:
    here.votes_for(62)
    here.process.terminate()
    await asyncio.to_thread(here.process.wait, 10)
    assert await here.watch().look([in_block(61, elsewhere.votes_for(61))]) is None


def test_what_was_forgotten_is_not_held_against_anybody() -> None:
    memory = VoteMemory(10)
    for height in range(11, 11 + KEPT + 5):
        memory.add(height, bytes([height % 256]) * 64)
    votes = memory.above(0)
    assert votes.since == 15
    assert not votes.lack(15, b"other")
    assert votes.lack(16, b"other")
    assert not votes.lack(16, bytes([16]) * 64)
