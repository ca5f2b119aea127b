# SPDX-License-Identifier: Apache-2.0
"""A distributed validator from its backup: the ENR key alone, or charon's whole folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from node_manager.keys.protection import Passphrase
from node_manager.obol.cluster.documents import Definition, read_definition, read_lock
from node_manager.obol.cluster.ethereum import network_of
from node_manager.obol.errors import RestoreNotVouched
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.keys.cluster_backup import restore_cluster
from node_manager.obol.keys.enr_backup import restore_key
from node_manager.obol.keys.keyfile import read_public
from node_manager.obol.settings import DvSettings

_HEAD = 64 * 1024
KEY_KIND = b'"enr-key-backup"'


@dataclass(frozen=True, slots=True)
class DvRestore:
    """What a person says of a backup.

    Attributes:
        alone: the person vouched that no other computer runs this node, now or later.
    """

    file: Path
    passphrase: Passphrase = field(repr=False)
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back; `whole` when the key shares and the lock are among it."""

    enr: str
    whole: bool


def restore(folder: ClusterFolder, wanted: DvRestore) -> Restored:
    """Write what the backup holds into charon's empty folder. Blocks.

    Raises:
        RestoreNotVouched: two computers with one node's keys could sign against each other.
        OneClickError: it does not open, or a key is there already.
    """
    if not wanted.alone:
        raise RestoreNotVouched(path=wanted.file)
    if _holds_key_alone(wanted.file):
        restore_key(wanted.file, folder.charon, wanted.passphrase)
    else:
        restore_cluster(wanted.file, folder, wanted.passphrase)
    return Restored(read_public(folder.charon).text, folder.lock.exists())


def settings_of(folder: ClusterFolder, settings: DvSettings, enr: str) -> DvSettings:
    """`settings` with network and operator address of the cluster that came back, if one did.

    Raises:
        DocumentNotUnderstood, VersionNotSupported: its definition cannot be read.
    """
    definition = _definition(folder)
    if definition is None:
        return settings
    known = network_of(definition.fork_version)
    ours = next((one.address for one in definition.operators if one.enr == enr), "")
    changes = {"network": known.name} if known else {}
    charon = settings.charon
    if ours:
        charon = charon.model_copy(update={"operator_address": ours})
    return settings.model_copy(update={**changes, "charon": charon})


def _definition(folder: ClusterFolder) -> Definition | None:
    if folder.lock.exists():
        return read_lock(folder.lock).definition
    return read_definition(folder.definition) if folder.definition.exists() else None


def _holds_key_alone(path: Path) -> bool:
    """Whether its head says so; what cannot be read is told by whoever opens it."""
    try:
        with path.open("rb") as file:
            return KEY_KIND in file.read(_HEAD)
    except OSError:
        return False
