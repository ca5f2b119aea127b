# SPDX-License-Identifier: Apache-2.0
"""The lock that a ceremony made, held against what was agreed on before it."""

from __future__ import annotations

from node_manager.obol.cluster.documents import Definition, read_definition
from node_manager.obol.cluster.verification import Check, result
from node_manager.obol.folder import ClusterFolder


def as_agreed(folder: ClusterFolder, confirmed: str, made: Definition) -> list[Check]:
    """Whether the lock is that of the definition that was checked, and confirmed by the person.

    `confirmed` is the hash of that one, empty where no word was asked for. Blocks for the disk.
    """
    checks = []
    given = f"0x{made.definition_hash.hex()}"
    if folder.definition.exists():
        agreed = read_definition(folder.definition)
        checks.append(
            result(
                "lock-definition",
                "The lock is that of the definition that was checked",
                (agreed.config_hash, agreed.definition_hash)
                == (made.config_hash, made.definition_hash),
                f"0x{agreed.definition_hash.hex()} was checked, and the lock has {given}.",
            )
        )
    if confirmed:
        checks.append(
            result(
                "lock-confirmed",
                "The lock is that of the definition that you confirmed",
                confirmed == given,
                f"{confirmed} was confirmed, and the lock has {given}.",
            )
        )
    return checks
