# SPDX-License-Identifier: Apache-2.0
"""charon's lock of the ENR key: `charon-enr-private-key.lock`, refreshed each second.

charon never removes it and refuses any start within 5 s of its `timestamp`, the start of `run`
right after a successful `dkg` included.
"""

from __future__ import annotations

import json
import re
import time
from datetime import datetime
from pathlib import Path

_FRACTION = re.compile(r"(\.[0-9]{6})[0-9]+")

STALE_SECONDS = 6.0
"""One second more than charon's own limit."""


def refreshed_at(path: Path) -> float | None:
    """Unix time of the last refresh; None when there is no lock, or it says nothing."""
    try:
        raw = json.loads(path.read_text("utf-8"))
        text = str(raw["timestamp"])
        return datetime.fromisoformat(_FRACTION.sub(r"\1", text)).timestamp()
    except (OSError, ValueError, KeyError, TypeError):
        return None


def seconds_to_wait(path: Path, now: float | None = None) -> float:
    """Seconds until charon takes the key again; 0 when it does now.

    A time in the future (a clock that was set back) counts as just refreshed.
    """
    at = refreshed_at(path)
    if at is None:
        return 0.0
    age = (time.time() if now is None else now) - at
    return min(max(STALE_SECONDS - age, 0.0), STALE_SECONDS)
