# SPDX-License-Identifier: Apache-2.0
"""A transaction file is read for what it does, and a wish is held against the chain's limits."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.transactions.files import FILE_BYTES, FileNotTransaction, read_signed
from bridge.transactions.reading import Reading, read_transaction
from bridge.transactions.wishes import ValueNotAllowed, Wish, base_units, share_of, wanted
from node_manager.cosmos.description import Description
from tests.helpers import chain_samples as chain
from tests.unit.bridge.orchestrator.wallet import Wallet

SIGNED = chain.create() | {"signatures": ["c2lnbmVk"]}
MAKE = Wish(
    "create-validator",
    Description("heron"),
    amount=5,
    commission=Decimal("0.1"),
    max_commission=Decimal("0.2"),
    max_change=Decimal("0.01"),
)


async def test_a_signed_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "signed.json"
    file.write_text(json.dumps(SIGNED))
    signed = await read_signed(file)
    [deed] = signed.reading.deeds
    assert (deed.kind, deed.moniker, deed.amount) == ("create-validator", "my-validator", 10**9)
    assert (deed.commission, deed.max_commission) == (Decimal("0.1"), Decimal("0.2"))
    assert deed.consensus_pubkey == chain.OWN_KEY
    assert (signed.reading.fee, signed.reading.gas) == (6100, 244_000)
    assert json.loads(signed.reading.text) == signed.document == SIGNED


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "Expecting value"),
        ("[]", "no signature"),
        (json.dumps(chain.create()), "no signature"),
        (json.dumps(SIGNED | {"signatures": ["not base64!"]}), "not base64"),
        (json.dumps(SIGNED | {"signatures": [7]}), "not base64"),
        (json.dumps(SIGNED | {"body": {"messages": "x"}}), "not the form"),
        (json.dumps(SIGNED | {"auth_info": {}}), "not the form"),
        ("[" * 100_000, "recursion"),
        (" " * (FILE_BYTES + 1), "too large"),
    ],
)
async def test_what_is_no_signed_transaction_is_refused(
    tmp_path: Path, content: str, why: str
) -> None:
    file = tmp_path / "signed.json"
    file.write_text(content)
    with pytest.raises(FileNotTransaction, match=why):
        await read_signed(file)


async def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotTransaction):
        await read_signed(tmp_path / "nowhere.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)


@given(message=JSON, fee=JSON)
def test_no_file_breaks_the_reading(message: object, fee: object) -> None:
    body = {"messages": [message]}
    document = {"body": body, "auth_info": {"fee": fee}, "signatures": ["c2ln"]}
    with suppress(ValueError):
        assert isinstance(read_transaction(document), Reading)


@given(
    st.sampled_from(["description", "commission", "value", "amount", "pubkey", "commission_rate"]),
    JSON,
)
def test_no_message_breaks_the_reading(name: str, value: object) -> None:
    document = chain.create()
    document["body"]["messages"][0][name] = value
    with suppress(ValueError):
        assert isinstance(read_transaction(document), Reading)


def test_a_message_that_is_not_known_keeps_its_name() -> None:
    send = {"@type": "/cosmos.bank.v1beta1.MsgSend", "amount": [{"denom": "x", "amount": "1"}]}
    [deed] = read_transaction(chain.transaction(send)).deeds
    assert (deed.kind, deed.type_name, deed.amount) == ("other", send["@type"], None)


def test_a_wish_is_held_against_the_limits_of_its_fields() -> None:
    wallet = Wallet("heron").address
    asked = wanted(MAKE, wallet, chain.OWN_KEY)
    assert (asked.kind, asked.wallet_address) == ("create-validator", wallet)
    for field, wrong in (
        ("moniker", Wish("edit-validator", Description("ü" * 36))),
        ("details", Wish("edit-validator", Description("a", details="x" * 281))),
        ("amount", Wish("delegate", amount=0)),
    ):
        with pytest.raises(ValueNotAllowed) as caught:
            wanted(wrong, wallet, chain.OWN_KEY)
        assert caught.value.facts["field"] == field


def test_amounts_and_shares_of_the_command_line() -> None:
    assert base_units("1,000.5", 6) == 1_000_500_000
    assert share_of("12.5 %") == Decimal("0.125")
    for text in ("0", "-1", "1e-7", "NaN", "Infinity", "1e999999999", "x", ""):
        with pytest.raises(ValueNotAllowed):
            base_units(text, 6)
    for text in ("-1", "101", "NaN", "x", ""):
        with pytest.raises(ValueNotAllowed):
            share_of(text)
