# SPDX-License-Identifier: Apache-2.0
"""The note that a backup was opened and found good, and the reminder until there is one."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from node_manager.durable import write_durably
from node_manager.explanation import Explanation
from node_manager.keys.errors import KeyNotWritten
from node_manager.layout import NodeFolder


class VerifiedBackup(BaseModel):
    """A backup that was opened and compared with the node's key.

    Attributes:
        path: the file, as it was named then; it may have moved since.
        sha256: of the whole file, hex.
        made_at: RFC 3339 in UTC.
        verified_at: Unix time in seconds.
        height: what the key had signed up to when the backup was made.
        current_height: what it had signed up to when it was verified, None if not known.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    path: str
    sha256: str
    address: str
    chain_id: str
    made_at: str
    verified_at: float
    height: int
    current_height: int | None

    @property
    def older(self) -> bool:
        """Whether the key has signed since the backup was made."""
        return self.current_height is not None and self.height < self.current_height

    @property
    def explanation(self) -> Explanation:
        """What the proof says, for a person."""
        facts = {
            "path": self.path,
            "address": self.address,
            "made_at": self.made_at,
            "height": self.height,
            "current_height": "unknown" if self.current_height is None else self.current_height,
        }
        if self.older:
            return Explanation(
                "backup-verified-older",
                "The backup {path} opens and holds this validator's key, {address}.",
                "It was made at height {height}; the key has signed up to {current_height} since.",
                "It stays good: after a restore the app watches the chain before it signs.",
                facts,
            )
        return Explanation(
            "backup-verified",
            "The backup {path} opens and holds this validator's key, {address}.",
            "It was made on {made_at} at height {height}.",
            facts=facts,
        )


def record_verified(folder: NodeFolder, proof: VerifiedBackup) -> None:
    """Keep `proof` in the node's folder, durably.

    Raises:
        KeyNotWritten: the disk did not take it.
    """
    path = _path(folder)
    try:
        write_durably(path, proof.model_dump_json(indent=2) + "\n")
    except OSError as error:
        raise KeyNotWritten(path=path, reason=str(error)) from None


def last_verified(folder: NodeFolder, address: str) -> VerifiedBackup | None:
    """The newest proof for the key `address`, None when there is none that can be read."""
    try:
        proof = VerifiedBackup.model_validate_json(_path(folder).read_bytes())
    except (OSError, ValidationError):
        return None
    return proof if proof.address == address else None


def reminder(folder: NodeFolder, address: str) -> Explanation | None:
    """What to tell a person whose key has no verified backup, None when it has one."""
    if last_verified(folder, address) is not None:
        return None
    return Explanation(
        "backup-missing",
        "There is no verified backup of this validator's key.",
        "If this disk fails, the key {address} is lost, and the validator with it.",
        "Make a backup and verify it; it takes a minute.",
        {"address": address},
    )


def _path(folder: NodeFolder) -> Path:
    return folder.root / "backup.json"
