# SPDX-License-Identifier: Apache-2.0
"""The signing record as import and restore see it: read it, raise it, never lower it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from node_manager.keys.signing_state import SigningState
from node_manager.signer.errors import JournalLower, JournalMissing, JournalTorn
from node_manager.signer.journal import Journal
from node_manager.signer.locks import FOLDER_LOCK, Locks

LOOK_AGAIN_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class FolderRecord:
    """The record in a node's signer folder; a `keys.signing_state.SigningRecord`.

    `lift` takes the folder's lock, so it is refused while the signer runs: a running signer is
    raised through its control door. The calls block for the disk.
    """

    folder: Path
    chain_id: str
    pubkey: bytes

    def newest(self) -> SigningState | None:
        """The recorded state, None when this folder has no record.

        It needs no lock. While the signer writes, a reader can meet half a record: then it looks
        again, before it calls the record torn.

        Raises:
            SignerError: there is a record and it is torn, or belongs to another key or chain.
        """
        for last_look in (False, False, True):
            try:
                with Journal.open(self.folder, self.chain_id, self.pubkey) as journal:
                    return journal.state()
            except JournalMissing:
                return None
            except JournalTorn:
                if last_look:
                    raise
                time.sleep(LOOK_AGAIN_SECONDS)
        return None

    def lift(self, state: SigningState) -> None:
        """Create the record at `state`, or raise it to `state`; durable on return.

        Raises:
            JournalLower: `state` is lower than what is recorded; nothing was changed.
            AlreadySigning: the signer runs.
            SignerError: there is a record and it is torn, or belongs to another key or chain.
        """
        with Locks(self.folder / FOLDER_LOCK):
            try:
                journal = Journal.open(self.folder, self.chain_id, self.pubkey)
            except JournalMissing:
                Journal.create(self.folder, self.chain_id, self.pubkey, state).close()
                return
            with journal:
                recorded = journal.state()
                if state.position < recorded.position:
                    raise JournalLower(recorded=recorded.position, given=state.position)
                if state.position > recorded.position:
                    journal.write(state)

    def repair(self, above: int) -> None:
        """Replace a missing, torn or old record by one that signs nothing up to `above`.

        Raises:
            AlreadySigning: the signer runs.
            SignerError: a readable part belongs to another key or chain, or the disk refuses.
        """
        with Locks(self.folder / FOLDER_LOCK):
            Journal.repair(self.folder, self.chain_id, self.pubkey, above).close()
