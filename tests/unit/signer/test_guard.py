# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from node_manager.keys.signing_state import SigningState
from node_manager.signer import journal as journal_module
from node_manager.signer.ballots import Proposal, Vote
from node_manager.signer.errors import JournalUnwritable
from node_manager.signer.guard import Guard
from node_manager.signer.journal import Journal
from node_manager.signer.messages import Refusal, Refused
from tests.unit.signer.ballots import CHAIN, ballot, proposal, vote


@pytest.fixture
def guard(key: Ed25519PrivateKey, journal: Journal) -> Guard:
    return Guard(key, journal)


def sign(guard: Guard, wanted: Vote | Proposal, chain: str = CHAIN) -> Vote | Proposal:
    if isinstance(wanted, Vote):
        return guard.sign_vote(wanted, chain, lambda signed: signed)
    return guard.sign_proposal(wanted, chain, lambda signed: signed)


def refusal(guard: Guard, wanted: Vote | Proposal, chain: str = CHAIN) -> Refusal:
    before = guard.state
    with pytest.raises(Refused) as refused:
        sign(guard, wanted, chain)
    assert guard.state == before
    return refused.value.code


def verify(key: Ed25519PrivateKey, signed: Vote | Proposal) -> None:
    key.public_key().verify(signed.signature, signed.sign_bytes(CHAIN.encode()))


def test_what_is_higher_is_signed(guard: Guard, key: Ed25519PrivateKey) -> None:
    for position in ((1, 0, 1), (1, 0, 2), (1, 0, 3), (1, 1, 1), (2, 0, 2), (9, 3, 3)):
        verify(key, sign(guard, ballot(*position)))
        assert guard.state.position == position


@pytest.mark.parametrize("position", [(5, 1, 1), (5, 0, 3), (4, 9, 3)])
def test_what_is_lower_is_refused(guard: Guard, position: tuple[int, int, int]) -> None:
    sign(guard, vote(5, 1, 2))
    assert refusal(guard, ballot(*position)) is Refusal.REGRESSION


@pytest.mark.parametrize("step", [1, 2, 3])
def test_another_block_at_the_same_place_is_refused(guard: Guard, step: int) -> None:
    sign(guard, ballot(5, 0, step, "a"))
    assert refusal(guard, ballot(5, 0, step, "b")) is Refusal.DOUBLE_SIGN
    assert refusal(guard, ballot(5, 0, step, "")) is Refusal.DOUBLE_SIGN


@pytest.mark.parametrize("step", [1, 2, 3])
def test_the_same_with_another_time_gets_the_first_time_and_signature(
    guard: Guard, step: int
) -> None:
    first = sign(guard, ballot(5, 0, step, seconds=1_800_000_000))
    again = sign(guard, ballot(5, 0, step, seconds=1_800_000_009))
    assert (again.time, again.signature) == (first.time, first.signature)


def test_that_holds_after_a_restart(
    folder: Path, journal: Journal, key: Ed25519PrivateKey, pubkey: bytes
) -> None:
    first = sign(Guard(key, journal), vote(5, 0, 3))
    journal.close()
    with Journal.open(folder, CHAIN, pubkey) as opened:
        again = sign(Guard(key, opened), vote(5, 0, 3, seconds=1_900_000_000))
        assert (again.time, again.signature) == (first.time, first.signature)
        assert refusal(Guard(key, opened), vote(5, 0, 3, "b")) is Refusal.DOUBLE_SIGN


def test_the_signature_of_an_imported_state_is_given_again(
    folder: Path, key: Ed25519PrivateKey, pubkey: bytes
) -> None:
    sign_bytes = vote(5, 0, 2).sign_bytes(CHAIN.encode())
    imported = SigningState(5, 0, 2, sign_bytes, key.sign(sign_bytes))
    with Journal.create(folder, CHAIN, pubkey, imported) as journal:
        guard = Guard(key, journal)
        assert sign(guard, vote(5, 0, 2)).signature == imported.signature
        assert refusal(guard, vote(5, 0, 2, "b")) is Refusal.DOUBLE_SIGN


def test_a_position_without_sign_bytes_is_not_signed_again(
    folder: Path, key: Ed25519PrivateKey, pubkey: bytes
) -> None:
    with Journal.create(folder, CHAIN, pubkey, SigningState(5, 0, 2)) as journal:
        assert refusal(Guard(key, journal), vote(5, 0, 2)) is Refusal.DOUBLE_SIGN


def test_another_chain_is_refused(guard: Guard) -> None:
    assert refusal(guard, vote(5, 0, 2), "another-1") is Refusal.WRONG_CHAIN
    assert refusal(guard, proposal(5, 0), "another-1") is Refusal.WRONG_CHAIN


def test_extensions_are_signed_anew_each_time(guard: Guard, key: Ed25519PrivateKey) -> None:
    for extension in (b"", b"one", b"two"):
        wanted = vote(5, 0, 3)
        wanted.extension = extension
        signed = sign(guard, wanted)
        assert isinstance(signed, Vote)
        key.public_key().verify(
            signed.extension_signature, signed.extension_sign_bytes(CHAIN.encode())
        )


@pytest.mark.parametrize(("step", "name"), [(2, "a"), (2, ""), (3, "")])
def test_only_precommits_for_a_block_have_an_extension(guard: Guard, step: int, name: str) -> None:
    wanted = vote(5, 0, step, name)
    wanted.extension = b"here"
    assert refusal(guard, wanted) is Refusal.UNFIT
    signed = sign(guard, vote(5, 0, step, name))
    assert isinstance(signed, Vote)
    assert signed.extension_signature == b""


def test_a_raised_floor_is_signed_above_only(guard: Guard) -> None:
    guard.raise_to(SigningState.before(11))
    guard.raise_to(SigningState.before(5))
    assert refusal(guard, vote(10, 7, 3)) is Refusal.REGRESSION
    sign(guard, vote(11, 0, 2))


def test_nothing_leaves_before_the_record_is_durable(
    guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    real = journal_module.sync_data

    def sync(handle: int) -> None:
        real(handle)
        events.append("durable")

    monkeypatch.setattr(journal_module, "sync_data", sync)
    guard.sign_vote(vote(5, 0, 2), CHAIN, lambda signed: signed)
    events.append("left")
    assert events == ["durable", "left"]


def test_after_a_failed_write_it_signs_nothing_more(
    guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(journal_module, "sync_data", fail)
        with pytest.raises(JournalUnwritable):
            sign(guard, vote(5, 0, 2))
    with pytest.raises(JournalUnwritable):
        sign(guard, vote(5, 0, 2))
    with pytest.raises(JournalUnwritable):
        sign(guard, vote(6, 0, 2, "b"))


@dataclass(frozen=True)
class Asked:
    """One request, or a crash between two."""

    position: tuple[int, int, int]
    name: str
    seconds: int
    crash: str


asked = st.builds(
    Asked,
    st.tuples(st.integers(1, 3), st.integers(0, 2), st.integers(1, 3)),
    st.sampled_from(["", "a", "b"]),
    st.integers(1_800_000_000, 1_800_000_002),
    st.sampled_from(["", "", "", "restart", "before the disk has it", "before it left"]),
)


class PowerLoss(Exception):
    """The process ended here."""


@settings(max_examples=200)
@given(st.lists(asked, max_size=40))
def test_no_order_of_requests_and_crashes_yields_a_conflicting_pair(requests: list[Asked]) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    left: dict[tuple[int, int, int], set[bytes]] = {}
    with tempfile.TemporaryDirectory() as name, Lives(key, Path(name)) as lives:
        guard = next(lives)
        for request in requests:
            wanted = ballot(*request.position, request.name, request.seconds)
            try:
                signed = sign_or_crash(guard, wanted, request.crash)
            except PowerLoss:
                guard = next(lives)
                continue
            if signed is not None:
                sign_bytes = signed.sign_bytes(CHAIN.encode())
                key.public_key().verify(signed.signature, sign_bytes)
                left.setdefault(request.position, set()).add(sign_bytes)
            if request.crash == "restart":
                guard = next(lives)
    assert all(len(contents) == 1 for contents in left.values())


def sign_or_crash(guard: Guard, wanted: Vote | Proposal, crash: str) -> Vote | Proposal | None:
    def finish(signed: Vote | Proposal) -> Vote | Proposal:
        if crash == "before the disk has it":
            raise PowerLoss
        return signed

    try:
        if isinstance(wanted, Vote):
            signed: Vote | Proposal = guard.sign_vote(wanted, CHAIN, finish)
        else:
            signed = guard.sign_proposal(wanted, CHAIN, finish)
    except Refused:
        return None
    if crash == "before it left":
        raise PowerLoss
    return signed


class Lives:
    """Guards over one record, each over a fresh opening of it."""

    def __init__(self, key: Ed25519PrivateKey, folder: Path) -> None:
        self.key, self.folder = key, folder
        self.journal: Journal | None = None

    def __enter__(self) -> Iterator[Guard]:
        return self.lives()

    def lives(self) -> Iterator[Guard]:
        pubkey = self.key.public_key().public_bytes_raw()
        self.journal = Journal.create(self.folder, CHAIN, pubkey)
        while True:
            yield Guard(self.key, self.journal)
            self.journal.close()
            self.journal = Journal.open(self.folder, CHAIN, pubkey)

    def __exit__(self, *_: object) -> None:
        if self.journal is not None:
            self.journal.close()
