# SPDX-License-Identifier: Apache-2.0
"""The funded account: sends tokens of no worth to whoever wants to try something."""

from __future__ import annotations

import bech32

from bridge.localnet.errors import AddressInvalid, AmountInvalid
from bridge.localnet.network import running_info
from bridge.localnet.record import DENOM, FAUCET, PREFIX
from bridge.localnet.transactions import send
from node_manager.layout import Layout

ADDRESS_BYTES = (20, 32)


async def fund(layout: Layout, address: str, amount: int) -> str:
    """Send `amount` omniphi to `address`; the transaction's hash when a block holds it.

    Raises:
        AddressInvalid, AmountInvalid, NotRunning, TransactionFailed, TransactionNotSeen.
    """
    check_address(address)
    if amount <= 0:
        raise AmountInvalid(amount=amount, denom=DENOM)
    info = await running_info(layout)
    command = ("bank", "send", FAUCET, address, f"{amount}{DENOM}")
    return (await send(info, FAUCET, f"fund {address}", *command)).tx_hash


def check_address(address: str) -> None:
    """Refuse what is no account address of the localnet.

    Raises:
        AddressInvalid: wrong prefix, wrong checksum, wrong length.
    """
    prefix, words = bech32.bech32_decode(address)
    content = bech32.convertbits(words, 5, 8, False) if words is not None else None
    if prefix != PREFIX or content is None or len(content) not in ADDRESS_BYTES:
        raise AddressInvalid(address=address, prefix=PREFIX)
