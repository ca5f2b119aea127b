# SPDX-License-Identifier: Apache-2.0
"""Transactions of a validator without a portal: an unsigned file out, a signed file in.

Form of both: JSON of cosmos.tx.v1beta1.Tx, as the node program's `tx sign` reads and writes it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from bridge.orchestrator.chain import messages
from bridge.orchestrator.chain.broadcasting import Broadcaster, TxSeen
from bridge.orchestrator.chain.building import Builder, Unsigned, Wanted
from bridge.orchestrator.chain.client import ChainAddress, ChainClient
from bridge.orchestrator.errors import ChainUnavailable
from bridge.transactions.reading import Reading, read_transaction
from node_manager.cosmos.description import Description
from node_manager.cosmos.errors import CosmosError
from node_manager.durable import write_durably
from node_manager.explanation import OneClickError
from node_manager.networks.profile import Profile

FILE_BYTES = 1_000_000
"""More than any transaction that a node takes (CometBFT's mempool: 1 MB)."""

SEEN_SECONDS = 60.0
POLL_SECONDS = 1.0


class FileNotTransaction(OneClickError):
    """The file holds no signed transaction."""

    code = "file-not-transaction"
    what = "{file} holds no signed transaction."
    why = "{reason}"
    todo = "Sign the unsigned file with the wallet that operates the validator, then send that."


class FileNotWritten(OneClickError):
    """The unsigned transaction could not be saved."""

    code = "transaction-file-not-written"
    what = "{file} was not written."
    why = "{reason}"
    todo = "Choose another place. Nothing was sent."


class TransactionFailedInBlock(OneClickError):
    """The block holds it as failed."""

    code = "transaction-failed-in-block"
    what = "The chain refused the transaction in block {height}."
    why = "{reason}"
    todo = "The fee was paid, nothing else happened. Mend the cause, then make a new transaction."


class TransactionNotInBlock(OneClickError):
    """It was taken and no block holds it yet."""

    code = "transaction-not-in-block"
    what = "Transaction {tx_hash} is in no block after {seconds} s."
    why = "The network took it; blocks may be slow."
    todo = "Do not send it again before looking for it on the chain."


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed transaction as its file has it, and what it does."""

    document: dict[str, Any]
    reading: Reading


@dataclass(frozen=True, slots=True)
class Included:
    """A transaction that did what it says."""

    tx_hash: str
    height: int


def chain_address(profile: Profile) -> ChainAddress:
    """The chain of `profile`, as the builder knows chains."""
    text = profile.min_gas_price or ""
    price = text.removesuffix(profile.denom)
    return ChainAddress(
        chain_id=profile.chain_id,
        bech32_prefix=profile.bech32_prefix,
        denom=profile.denom,
        min_gas_price=Decimal(price) if price else None,
        rest_urls=profile.rest_urls,
    )


async def make_unsigned(profile: Profile, wanted: Wanted) -> Unsigned:
    """The transaction for what is wanted, tried on the chain; nothing is sent.

    Raises:
        Invalid: a value does not fit the chain.
        ChainRefused: it would fail, and why.
        ChainUnavailable: the chain does not answer.
    """
    chain = ChainClient(chain_address(profile))
    try:
        return await Builder(chain).build_for_any(wanted)
    finally:
        await chain.stop()


def reading_of(unsigned: Unsigned) -> Reading:
    """What an unsigned transaction does, read from the document that is written."""
    return read_transaction(messages.as_json(unsigned.doc))


async def profile_on_chain(profile: Profile, wallet: str) -> Description:
    """What the validator of `wallet` says of itself now.

    Raises:
        ChainUnavailable: the chain does not answer, or has no such validator.
    """
    chain = ChainClient(chain_address(profile))
    try:
        found = await chain.rest.validator(chain.addresses.operator(wallet))
    except CosmosError as error:
        raise ChainUnavailable(reason=str(error)) from error
    finally:
        await chain.stop()
    return found.description


def write_unsigned(unsigned: Unsigned, file: Path) -> None:
    """Write the file that a wallet signs."""
    write_durably(file, json.dumps(messages.as_json(unsigned.doc), indent=1) + "\n")


async def read_signed(file: Path) -> Signed:
    """The signed transaction in `file`.

    Raises:
        FileNotTransaction: it holds none.
    """
    return await asyncio.to_thread(_read, file)


async def send_signed(
    profile: Profile, signed: Signed, sent: Callable[[str], None] = lambda _hash: None
) -> Included:
    """Send a transaction; return when a block holds it. `sent` is told its hash before.

    Raises:
        ChainRefused, ChainUnavailable, TransactionFailedInBlock, TransactionNotInBlock.
    """
    chain = ChainClient(chain_address(profile))
    broadcaster = Broadcaster(chain.rest)
    try:
        tx_hash = await broadcaster.broadcast(await broadcaster.encode(signed.document))
        sent(tx_hash)
        seen = await _followed(broadcaster, tx_hash)
    finally:
        await chain.stop()
    if seen.state == "failed":
        raise TransactionFailedInBlock(height=seen.height, reason=seen.reason)
    return Included(tx_hash, seen.height or 0)


def _read(file: Path) -> Signed:
    try:
        if file.stat().st_size > FILE_BYTES:
            raise FileNotTransaction(file=file, reason="It is too large for one.")
        document = json.loads(file.read_bytes())
    except (OSError, RecursionError, ValueError) as error:
        raise FileNotTransaction(file=file, reason=str(error)) from error
    signatures = document.get("signatures") if isinstance(document, dict) else None
    if not signatures:
        raise FileNotTransaction(file=file, reason="It has no signature.")
    try:
        for text in signatures:
            base64.b64decode(text, validate=True)
    except (TypeError, ValueError) as error:
        raise FileNotTransaction(file=file, reason="Its signature is not base64.") from error
    try:
        return Signed(document, read_transaction(document))
    except ValueError as error:
        raise FileNotTransaction(file=file, reason=str(error)) from error


async def _followed(broadcaster: Broadcaster, tx_hash: str) -> TxSeen:
    deadline = time.monotonic() + SEEN_SECONDS
    while time.monotonic() < deadline:
        try:
            seen = await broadcaster.seen(tx_hash)
        except ChainUnavailable:
            seen = TxSeen("pending")
        if seen.state != "pending":
            return seen
        await asyncio.sleep(POLL_SECONDS)
    raise TransactionNotInBlock(tx_hash=tx_hash, seconds=int(SEEN_SECONDS))
