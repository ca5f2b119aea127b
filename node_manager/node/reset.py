# SPDX-License-Identifier: Apache-2.0
"""Removing a node's chain data while its key, its signing record and its settings stay."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import structlog

from node_manager.cosmos.home import SIGNING_STATE
from node_manager.durable import make_private_folder, sync_folder
from node_manager.errors import FileTrouble
from node_manager.node.identity import Identity
from node_manager.node.observation import folder_size

log = structlog.get_logger(__name__)

BEING_REMOVED = ".data.being-removed"
ADDRESS_BOOK = Path("config/addrbook.json")


async def reset_chain_data(identity: Identity, *, state_sync: bool) -> int:
    """Remove the chain data of a node that has ended; returns the bytes that were freed.

    Raises:
        FileTrouble: some of the data are left.
    """
    record, home = identity.record, identity.home
    try:
        await asyncio.to_thread(set_aside, home)
        record.state_sync = state_sync
        if not state_sync:
            # From the first block on, the chain asks for each of its releases again.
            record.upgrade = ""
        await identity.save()
        freed = await asyncio.to_thread(folder_size, home / BEING_REMOVED)
        await asyncio.to_thread(remove_aside, home)
    except OSError as error:
        raise FileTrouble(reason=error) from error
    log.info("chain data removed", node=identity.id, bytes=freed, state_sync=state_sync)
    return freed


def set_aside(home: Path) -> None:
    """Take the chain data out of `home`; what a kill interrupts, `remove_aside` finishes.

    The consensus key and its signing record lie outside the home. The file that the node program
    keeps at their usual place stays all the same: without it the program would not start.

    Raises:
        OSError: the data are where they were, or aside.
    """
    remove_aside(home)
    data, fresh = home / "data", home / ".data.new"
    if not data.exists():
        return
    shutil.rmtree(fresh, ignore_errors=True)
    make_private_folder(fresh)
    kept = home / SIGNING_STATE
    if kept.exists():
        shutil.copy2(kept, fresh / SIGNING_STATE.name)
        sync_folder(fresh)
    data.rename(home / BEING_REMOVED)
    fresh.rename(data)
    (home / ADDRESS_BOOK).unlink(missing_ok=True)
    sync_folder(home)


def remove_aside(home: Path) -> None:
    """Delete what was set aside; harmless when there is nothing.

    Raises:
        OSError: some of it is left.
    """
    aside = home / BEING_REMOVED
    if aside.exists():
        shutil.rmtree(aside)
