# SPDX-License-Identifier: Apache-2.0
"""The signer's own log: JSON lines on stderr, which its starter appends to a file."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime

REFUSED = "refused to sign"
"""The event of a request that was refused."""

STOPPED = "signer stopped"
"""The event of the last line of a signer that ends by itself."""


def say(level: str, event: str, **facts: object) -> None:
    """Write one line; facts never hold a secret. A log that cannot be written stops nothing."""
    line = {"timestamp": datetime.now(UTC).isoformat(), "level": level, "event": event}
    line.update((name, str(fact)) for name, fact in facts.items())
    with contextlib.suppress(OSError):
        os.write(2, json.dumps(line).encode() + b"\n")


def say_stopped(exit_code: int, facts: dict[str, object]) -> None:
    """Write the last line."""
    say("info" if exit_code == 0 else "error", STOPPED, **{**facts, "exit_code": exit_code})


def read_last_words(lines: Iterable[str]) -> dict[str, object]:
    """The facts of the newest last line among log lines, for `errors.explain_exit`; else none.

    Its `exit_code` is among them, as text: an adopted process leaves no other trace of it.
    """
    facts: dict[str, object] = {}
    for line in lines:
        try:
            words = json.loads(line)
        except ValueError:
            continue
        if isinstance(words, dict) and words.get("event") == STOPPED:
            facts = {key: words[key] for key in words if key not in ("timestamp", "level", "event")}
    return facts
