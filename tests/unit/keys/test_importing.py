# SPDX-License-Identifier: Apache-2.0
"""A key made by CometBFT comes in with what it has signed, or not at all."""

from __future__ import annotations

import base64
import json
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.keys.consensus import ConsensusPublicKey
from node_manager.keys.errors import (
    ImportKeyMismatch,
    ImportStartMissing,
    ImportStateMismatch,
    ImportUnreadable,
    KeyExists,
    OldMachineMayRun,
    PassphraseWeak,
)
from node_manager.keys.importing import (
    ConfirmedStart,
    ImportedKey,
    import_comet_key,
    read_comet_key,
    read_comet_state,
)
from node_manager.keys.keystore import KeyStore
from node_manager.keys.protection import Passphrase
from node_manager.keys.signing_state import SigningState
from node_manager.signer.errors import SignerError
from node_manager.signer.journal import FILE as JOURNAL
from node_manager.signer.record import FolderRecord
from tests.helpers.secret_scan import scan
from tests.unit.keys.material import (
    CHAIN,
    OTHER_PRIVATE,
    PUBLIC,
    SEED,
    comet_key,
    comet_state,
    signed_state,
    written,
)

FIXTURES = Path(__file__).parents[2] / "fixtures" / "keys"
RECORDED_KEY = ConsensusPublicKey.from_base64("pa7zOLertu6NOVF+4+oPn/hbg8Wf6pTm5Y0NVVdxs7k=")
"""The key of the real node whose state file was recorded (its RPC `/status`)."""


@pytest.fixture
def key_file(elsewhere: Path) -> Path:
    return written(elsewhere / "priv_validator_key.json", comet_key())


@pytest.fixture
def bring(store: KeyStore, key_file: Path, passphrase: Passphrase):
    async def bringing(
        start: Path | ConfirmedStart | None,
        *,
        key: Path = key_file,
        protection: Passphrase = passphrase,
        confirmed: bool = True,
    ) -> ImportedKey:
        return await import_comet_key(
            store,
            key,
            start,
            protection,
            chain_id=CHAIN,
            network="omniphi",
            record_for=partial(FolderRecord, store.folder.signer),
            old_machine_off_confirmed=confirmed,
        )

    return bringing


def _recorded(store: KeyStore) -> SigningState | None:
    return FolderRecord(store.folder.signer, CHAIN, PUBLIC.raw).newest()


@pytest.mark.parametrize(("height", "round_", "step"), [(28, 0, 3), (7, 2, 2), (300, 1, 1)])
async def test_key_and_state_come_in_together(
    bring, store: KeyStore, passphrase: Passphrase, elsewhere: Path, height, round_, step
) -> None:
    state = signed_state(height, round_, step)
    imported = await bring(written(elsewhere / "state.json", comet_state(state)))
    assert imported.info.public_key == PUBLIC
    assert imported.info.origin == "imported"
    assert imported.info.needs_doppelganger
    assert imported.state == _recorded(store) == state
    with await store.unlock(passphrase) as seed:
        assert seed.reveal() == SEED


async def test_the_imported_key_lies_nowhere_in_the_clear_but_where_it_came_from(
    bring, store: KeyStore, key_file: Path
) -> None:
    imported = await bring(ConfirmedStart(1))
    assert scan([store.folder.root], [], SEED).found == ()
    assert imported.plaintext == key_file
    assert scan([key_file], [], SEED).found != ()


async def test_a_confirmed_height_is_where_signing_starts(bring, store: KeyStore) -> None:
    imported = await bring(ConfirmedStart(1000))
    assert imported.state.position == _recorded(store).position
    assert imported.state.position > (999, 5, 3)
    assert imported.state.position < (1000, 0, 1)


async def test_neither_state_nor_height_is_refused(bring, store: KeyStore) -> None:
    with pytest.raises(ImportStartMissing):
        await bring(None)
    assert not store.exists


async def test_the_old_machine_must_be_off(bring, store: KeyStore) -> None:
    with pytest.raises(OldMachineMayRun, match="sign twice"):
        await bring(ConfirmedStart(1), confirmed=False)
    assert not store.exists
    assert _recorded(store) is None


async def test_a_node_with_a_key_takes_no_other(
    bring, store: KeyStore, passphrase: Passphrase
) -> None:
    await store.create(passphrase, chain_id=CHAIN)
    before = store.folder.key.read_bytes()
    with pytest.raises(KeyExists):
        await bring(ConfirmedStart(1))
    assert store.folder.key.read_bytes() == before


async def test_a_weak_passphrase_brings_nothing_in(bring, store: KeyStore) -> None:
    with pytest.raises(PassphraseWeak):
        await bring(ConfirmedStart(1), protection=Passphrase("password"))
    assert not store.exists
    assert _recorded(store) is None


async def test_a_higher_record_here_is_kept(bring, store: KeyStore, elsewhere: Path) -> None:
    FolderRecord(store.folder.signer, CHAIN, PUBLIC.raw).lift(signed_state(500))
    imported = await bring(written(elsewhere / "state.json", comet_state(signed_state(28))))
    assert imported.state.height == 500
    assert _recorded(store).height == 500


async def test_a_torn_record_here_stops_the_import(bring, store: KeyStore) -> None:
    FolderRecord(store.folder.signer, CHAIN, PUBLIC.raw).lift(signed_state(500))
    journal = store.folder.signer / JOURNAL
    journal.write_bytes(journal.read_bytes()[:100])
    with pytest.raises(SignerError):
        await bring(ConfirmedStart(10_000))
    assert not store.exists


def test_the_state_of_a_real_node_is_read_whole() -> None:
    state = read_comet_state(FIXTURES / "priv_validator_state_signed.json", RECORDED_KEY, CHAIN)
    assert state.position == (28, 0, 3)
    assert RECORDED_KEY.verifies(state.sign_bytes, state.signature)


def test_the_fresh_state_of_a_real_node_is_read() -> None:
    path = FIXTURES / "priv_validator_state_fresh.json"
    assert read_comet_state(path, PUBLIC, CHAIN) == SigningState.fresh()


def test_the_state_of_another_key_is_refused() -> None:
    with pytest.raises(ImportStateMismatch, match="another key"):
        read_comet_state(FIXTURES / "priv_validator_state_signed.json", PUBLIC, CHAIN)


def test_the_state_of_another_chain_is_refused(elsewhere: Path) -> None:
    state = signed_state(28, chain_id="omniphi-testnet-2")
    with pytest.raises(ImportStateMismatch, match=f"chain {CHAIN}"):
        read_comet_state(written(elsewhere / "s.json", comet_state(state)), PUBLIC, CHAIN)


@pytest.mark.parametrize(
    "edit", [{"height": "27"}, {"height": "0"}, {"round": 1}, {"step": 2}, {"step": 0}]
)
def test_an_edited_state_is_refused(elsewhere: Path, edit: dict[str, object]) -> None:
    file = written(elsewhere / "s.json", comet_state(signed_state(28), **edit))
    with pytest.raises(ImportStateMismatch, match="not those that were signed"):
        read_comet_state(file, PUBLIC, CHAIN)


def test_a_round_set_back_to_zero_is_refused(elsewhere: Path) -> None:
    file = written(elsewhere / "s.json", comet_state(signed_state(28, 2), round=0))
    with pytest.raises(ImportStateMismatch, match="not those that were signed"):
        read_comet_state(file, PUBLIC, CHAIN)


@pytest.mark.parametrize("part", ["signature", "signbytes"])
def test_half_a_signature_is_refused(elsewhere: Path, part: str) -> None:
    file = comet_state(signed_state(28))
    del file[part]
    with pytest.raises(ImportStateMismatch, match="only one"):
        read_comet_state(written(elsewhere / "s.json", file), PUBLIC, CHAIN)


@pytest.mark.parametrize(
    "edit",
    [
        {"height": 28},
        {"height": "-1"},
        {"height": "9223372036854775808"},
        {"height": ""},
        {"round": -1},
        {"round": "0"},
        {"step": 4},
        {"signature": "AAAA"},
        {"signature": "not base64"},
        {"signbytes": "xyz"},
    ],
)
def test_a_state_that_is_none_is_refused(elsewhere: Path, edit: dict[str, object]) -> None:
    file = written(elsewhere / "s.json", comet_state(signed_state(28), **edit))
    with pytest.raises((ImportUnreadable, ImportStateMismatch)):
        read_comet_state(file, PUBLIC, CHAIN)


@pytest.mark.parametrize(
    "edit",
    [
        {"address": "0" * 40},
        {"address": PUBLIC.address.lower()},
        {"pub_key": {"type": "tendermint/PubKeyEd25519", "value": RECORDED_KEY.base64}},
        {
            "priv_key": {
                "type": "tendermint/PrivKeyEd25519",
                "value": base64.b64encode(SEED + RECORDED_KEY.raw).decode(),
            }
        },
    ],
)
def test_a_key_whose_parts_do_not_fit_is_refused(elsewhere: Path, edit) -> None:
    with pytest.raises(ImportKeyMismatch):
        read_comet_key(written(elsewhere / "k.json", comet_key(**edit)))


@pytest.mark.parametrize(
    "edit",
    [
        {"priv_key": {"type": "tendermint/PrivKeySecp256k1", "value": "AAAA"}},
        {
            "priv_key": {
                "type": "tendermint/PrivKeyEd25519",
                "value": base64.b64encode(SEED).decode(),
            }
        },
        {"priv_key": {"type": "tendermint/PrivKeyEd25519", "value": "***"}},
        {"priv_key": None},
        {"pub_key": {"type": "tendermint/PubKeyEd25519", "value": ""}},
    ],
)
def test_a_key_that_is_none_is_refused(elsewhere: Path, edit) -> None:
    with pytest.raises(ImportUnreadable):
        read_comet_key(written(elsewhere / "k.json", comet_key(**edit)))


def test_a_refusal_shows_nothing_of_the_key(elsewhere: Path) -> None:
    secret = base64.b64encode(SEED + PUBLIC.raw).decode()
    broken = comet_key() | {"priv_key": {"type": "tendermint/PrivKeyEd25519", "value": [secret]}}
    with pytest.raises(ImportUnreadable) as caught:
        read_comet_key(written(elsewhere / "k.json", broken))
    error: BaseException | None = caught.value
    while error is not None:
        assert secret[:12] not in f"{error!r} {error}"
        error = error.__context__


def test_files_that_cannot_be_read_are_named(elsewhere: Path) -> None:
    with pytest.raises(ImportUnreadable, match=r"missing\.json"):
        read_comet_key(elsewhere / "missing.json")
    with pytest.raises(ImportUnreadable):
        read_comet_key(elsewhere)


KEY_TEXT = json.dumps(comet_key()).encode()
STATE_TEXT = json.dumps(comet_state(signed_state(28))).encode()


@given(place=st.integers(0, len(KEY_TEXT) - 1), value=st.integers(0, 255))
def test_a_key_file_with_a_changed_byte_is_this_key_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    changed = bytearray(KEY_TEXT)
    changed[place] = value
    file = tmp_path_factory.getbasetemp() / "changed-key.json"
    file.write_bytes(changed)
    try:
        with read_comet_key(file) as seed:
            assert seed.reveal() == SEED
    except (ImportUnreadable, ImportKeyMismatch):
        pass


@given(place=st.integers(0, len(STATE_TEXT) - 1), value=st.integers(0, 255))
def test_a_state_file_with_a_changed_byte_is_never_a_lower_one(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    changed = bytearray(STATE_TEXT)
    changed[place] = value
    file = tmp_path_factory.getbasetemp() / "changed-state.json"
    file.write_bytes(changed)
    try:
        state = read_comet_state(file, PUBLIC, CHAIN)
    except (ImportUnreadable, ImportStateMismatch):
        return
    assert state.position >= (28, 0, 3)


def test_another_key_does_not_vouch_for_a_state(elsewhere: Path) -> None:
    state = signed_state(28, by=OTHER_PRIVATE)
    with pytest.raises(ImportStateMismatch):
        read_comet_state(written(elsewhere / "s.json", comet_state(state)), PUBLIC, CHAIN)
