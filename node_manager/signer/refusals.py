# SPDX-License-Identifier: Apache-2.0
"""What a signer refused, as its log tells it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from node_manager.runtime.logfiles import tail
from node_manager.signer.signlog import REFUSED

LOG_LINES = 20_000
"""Lines at the log's end that are looked through."""


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """A request that the signer refused: Unix time, kind, and the reason in words."""

    at: float
    code: str
    why: str


def read_refusals(log: Path, most: int = 20) -> list[RefusedRequest]:
    """The newest refusals first, as far as the log goes back; lines of no use are passed over.

    Raises:
        OSError: the log is there and cannot be read.
    """
    found: list[RefusedRequest] = []
    for line in reversed(tail(log, LOG_LINES)):
        if REFUSED not in line:
            continue
        try:
            words = json.loads(line)
            if words["event"] == REFUSED:
                at = datetime.fromisoformat(words["timestamp"]).timestamp()
                found.append(RefusedRequest(at, str(words["code"]), str(words["why"])))
        except (ValueError, KeyError, TypeError):
            continue
        if len(found) == most:
            break
    return found
