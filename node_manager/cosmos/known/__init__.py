# SPDX-License-Identifier: Apache-2.0
"""The failures of a node that have a name, recorded from a real node.

The order decides: the special stands before the general.
"""

from __future__ import annotations

from node_manager.cosmos.known.chain import CHAIN, DATA_OF_OTHER_CHAIN, NETWORK
from node_manager.cosmos.known.consensus import SIGNING, UPGRADES
from node_manager.cosmos.known.kinds import Effect, KnownFailure
from node_manager.cosmos.known.machine import DISK, PROGRAM, REPAIRED

KNOWN_FAILURES: tuple[KnownFailure, ...] = (
    *UPGRADES,
    *SIGNING,
    *DISK,
    DATA_OF_OTHER_CHAIN,
    *CHAIN,
    *NETWORK,
    *PROGRAM,
    *REPAIRED,
)

BY_CODE = {failure.code: failure for failure in KNOWN_FAILURES}

__all__ = ["BY_CODE", "DATA_OF_OTHER_CHAIN", "KNOWN_FAILURES", "Effect", "KnownFailure"]
