# SPDX-License-Identifier: Apache-2.0
"""Addresses, counts and names as the pages of a distributed validator write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.words.translation import tr

if TYPE_CHECKING:
    from node_manager.obol.status import OperatorRow


def short_address(address: str) -> str:
    """0x8d52…41Fe of an address or a hash; a short text stays whole."""
    return f"{address[:6]}…{address[-4:]}" if len(address) > 14 else address


def both_signed(signed: int, count: int) -> str:
    """3 of 4 have signed."""
    return tr("{count} of {all} have signed.").format(count=signed, all=count)


def operators_word(count: int) -> str:
    """One operator, 2 operators."""
    return tr("one operator") if count == 1 else tr("{count} operators").format(count=count)


def operator_name(row: OperatorRow) -> str:
    """An operator in a legend: this node, 0x8d52…41Fe, operator 4."""
    if row.ours:
        return tr("this node")
    return short_address(row.address) or tr("operator {n}").format(n=row.number)
