# SPDX-License-Identifier: Apache-2.0
"""What is remembered of a distributed validator between two starts (`cluster.json`)."""

from __future__ import annotations

from pathlib import Path

from pydantic import ConfigDict

from node_manager.obol.errors import ClusterRecordUnreadable
from node_manager.obol.settings import DvSettings
from node_manager.records import Record, read_record, write_record

VERSION = 1

RESTORED_SECONDS = 768.0
"""Two epochs: after them nothing contradicts what was signed before a restore. charon waits as
long when its key comes with another cluster's lock."""


class DvRecord(Record):
    """One distributed validator of this computer.

    Attributes:
        enr: empty before its key was made.
        enr_backup_at: Unix time at which a backup of the ENR key was proved.
        config_hash: of the cluster that it belongs to, empty before.
        wanted: whether the person wants it to go on; survives restarts of the app.
        not_before: Unix time before which charon is not started (a relay's refusal).
        signs_from: Unix time before which nothing is started after a restore.
        verified_lock: SHA-256 of the lock whose every check was right, empty for none.
        charon_version: what the program said last.
        allow_unsigned: the person gave the definition as a file: it is their own cluster.
        ask_addresses: whether the ceremony waits until the person confirmed where the money goes.
        confirmed: definition hash whose addresses the person confirmed, empty for none.
    """

    model_config = ConfigDict(extra="ignore")

    version: int = VERSION
    id: str
    name: str
    created_at: float
    settings: DvSettings
    enr: str = ""
    enr_backup_at: float | None = None
    artefacts_backup_at: float | None = None
    config_hash: str = ""
    wanted: bool = False
    not_before: float = 0.0
    signs_from: float = 0.0
    verified_lock: str = ""
    charon_version: str = ""
    allow_unsigned: bool = False
    ask_addresses: bool = False
    confirmed: str = ""


def load_record(file: Path) -> DvRecord:
    """Read `cluster.json`.

    Raises:
        ClusterRecordUnreadable: it is missing, damaged or of a later version.
    """
    return read_record(file, DvRecord, VERSION, ClusterRecordUnreadable)


def save_record(file: Path, record: DvRecord) -> None:
    """Write `cluster.json` durably.

    Raises:
        OSError: the old record stands.
    """
    write_record(file, record)
