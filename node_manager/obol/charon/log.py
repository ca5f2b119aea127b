# SPDX-License-Identifier: Apache-2.0
"""Lines of charon's stderr: JSON (`--log-format json`), mixed with console lines and plain text.

The first line can be in the console format (`HH:MM:SS.mmm LEVEL topic message {fields}` with
colours), usage text after a flag error is plain, libp2p writes logfmt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

FAILED = "Application failed to start: "

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CONSOLE = re.compile(
    r"[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3} (?P<level>[A-Z]{4}) (?P<topic>\S+)\s+(?P<text>.*)"
)
_LEVELS = {"DEBG": "debug", "INFO": "info", "WARN": "warn", "ERRO": "error"}
_OWN = {"level", "ts", "caller", "msg", "topic", "stacktrace"}
_FRACTION = re.compile(r"(\.[0-9]{6})[0-9]+")


@dataclass(frozen=True, slots=True)
class CharonLine:
    """One line that charon itself wrote.

    Attributes:
        level: "debug", "info", "warn" or "error".
        at: Unix time, None in console lines.
        fields: what else it says.
    """

    level: str
    message: str
    topic: str = ""
    at: float | None = None
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def failure(self) -> str:
        """Why the program ends, empty when the line does not say so."""
        return self.message.removeprefix(FAILED) if self.message.startswith(FAILED) else ""

    def fact(self, name: str) -> str:
        """A field as text, empty when it is not there."""
        value = self.fields.get(name)
        return "" if value is None else str(value)


def parse_line(text: str) -> CharonLine | None:
    """Read a line; None when it is not one of charon's log."""
    if text.startswith("{"):
        return _json(text)
    found = _CONSOLE.fullmatch(_COLOUR.sub("", text).rstrip())
    if found is None:
        return None
    message, fields = _split(found["text"])
    return CharonLine(_LEVELS.get(found["level"], "info"), message, found["topic"], None, fields)


def _json(text: str) -> CharonLine | None:
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, dict) or not isinstance(raw.get("msg"), str):
        return None
    return CharonLine(
        str(raw.get("level", "info")),
        raw["msg"],
        str(raw.get("topic", "")),
        _time(raw.get("ts")),
        {name: value for name, value in raw.items() if name not in _OWN},
    )


def _split(text: str) -> tuple[str, dict[str, object]]:
    """Part a console line's message from the JSON fields at its end."""
    start = text.rfind(" {")
    if start >= 0 and text.endswith("}"):
        try:
            fields = json.loads(text[start:])
        except ValueError:
            return text.rstrip(), {}
        if isinstance(fields, dict):
            return text[:start].rstrip(), fields
    return text.rstrip(), {}


def _time(value: object) -> float | None:
    """Seconds of RFC 3339 with 6 to 9 digits of a second."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(_FRACTION.sub(r"\1", value)).timestamp()
    except ValueError:
        return None
