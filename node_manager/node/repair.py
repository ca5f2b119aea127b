# SPDX-License-Identifier: Apache-2.0
"""The way out of a missing, torn or old signing record: a new one above all that was signed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from node_manager.errors import RecordIsWhole, RepairUnconfirmed
from node_manager.node.custody import Custody
from node_manager.signer.doppelganger import (
    BLOCKS,
    ChainView,
    check_doppelganger,
    newest_signed_height,
)
from node_manager.signer.errors import JournalMissing, JournalTorn
from node_manager.signer.journal import nothing_signed_above

log = structlog.get_logger(__name__)


async def repair_record(
    custody: Custody,
    views: Sequence[ChainView],
    *,
    other_machines_are_off: bool,
    blocks: int = BLOCKS,
    on_block: Callable[[int, int], None] = lambda seen, wanted: None,
) -> int:
    """Watch the network until the key is surely silent, then raise the record above its height.

    The node and its signer must have ended. What can be read of the old record is not lowered.

    Args:
        other_machines_are_off: confirmed by the person; the watch cannot see a machine that
            is off now and comes back later.
        blocks: how many blocks in a row must be without a signature of the key.
        on_block: told of every block watched, with the number wanted.

    Returns:
        The height up to which nothing is signed.

    Raises:
        RepairUnconfirmed: the person did not confirm.
        RecordIsWhole: there is nothing to repair.
        DoppelgangerSeen, DoppelgangerUnknown: the record is as it was.
        SignerError: the signer runs, or the record belongs to another key or chain.
    """
    if not other_machines_are_off:
        raise RepairUnconfirmed()
    address = custody.info().public_key.address_bytes
    chain_id = custody.record.chain_id
    await _require_trouble(custody, views, address)
    height = await check_doppelganger(
        views, address, blocks=blocks, chain_id=chain_id, on_block=on_block
    )
    above = nothing_signed_above(height)
    await asyncio.to_thread(custody.signing_record().repair, above)
    log.info("signing record repaired", node=custody.record.id, above=above)
    return above


async def _require_trouble(custody: Custody, views: Sequence[ChainView], address: bytes) -> None:
    """A whole record stays as it is: raising it without need would only miss blocks."""
    try:
        state = await asyncio.to_thread(custody.newest_state)
    except (JournalMissing, JournalTorn):
        return
    seen = await newest_signed_height(views, address, chain_id=custody.record.chain_id)
    if seen is None or seen <= state.height:
        raise RecordIsWhole(height=state.height)
