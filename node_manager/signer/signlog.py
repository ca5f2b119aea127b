# SPDX-License-Identifier: Apache-2.0
"""The signer's own log: JSON lines on stderr, which its starter appends to a file."""

from __future__ import annotations

import contextlib
import json
import os
from datetime import UTC, datetime


def say(level: str, event: str, **facts: object) -> None:
    """Write one line; facts never hold a secret. A log that cannot be written stops nothing."""
    line = {"timestamp": datetime.now(UTC).isoformat(), "level": level, "event": event}
    line.update((name, str(fact)) for name, fact in facts.items())
    with contextlib.suppress(OSError):
        os.write(2, json.dumps(line).encode() + b"\n")
