# SPDX-License-Identifier: Apache-2.0
"""The signing record as import and restore see it: read it, raise it, never lower it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from node_manager.keys.signing_state import SigningState
from node_manager.signer.errors import JournalLower, JournalMissing
from node_manager.signer.journal import Journal
from node_manager.signer.locks import FOLDER_LOCK, Locks


@dataclass(frozen=True, slots=True)
class FolderRecord:
    """The record in a node's signer folder; a `keys.signing_state.SigningRecord`.

    Every call takes the folder's lock, so it is refused while the signer runs: ask the running
    signer through its control socket then. The calls block for the disk.
    """

    folder: Path
    chain_id: str
    pubkey: bytes

    def newest(self) -> SigningState | None:
        """The recorded state, None when this folder has no record.

        Reading needs no lock: a record is one sector, and each holds its own checksum.

        Raises:
            SignerError: there is a record and it is torn, or belongs to another key or chain.
        """
        try:
            with Journal.open(self.folder, self.chain_id, self.pubkey) as journal:
                return journal.state()
        except JournalMissing:
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
