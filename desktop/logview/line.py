# SPDX-License-Identifier: Apache-2.0
"""One line of a log as it is shown: time, level, message, module, fields."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime

WORDS = {"debug": "DBG", "trace": "DBG", "info": "INF", "warn": "WRN", "warning": "WRN"}
WORDS |= {"error": "ERR", "fatal": "ERR", "panic": "ERR", "critical": "ERR", "exception": "ERR"}

LONGEST = 4000
"""Characters of a line that are shown."""

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_CONSOLE = re.compile(r"(\S{4,25}) (INF|WRN|ERR|FTL|PNC|DBG|TRC) ?(.*)", re.S)
_FIELD = re.compile(r" (?=[A-Za-z_][\w.-]*=)")
_TEXT_KEYS = ("message", "event", "msg")
_TIME_KEYS = ("time", "timestamp", "ts")
_KNOWN = {*_TEXT_KEYS, *_TIME_KEYS, "level", "module", "logger"}


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says; `at` is its Unix time where it names a moment."""

    time: str
    level: str
    message: str
    module: str = ""
    fields: str = ""
    at: float | None = None

    @property
    def spoken(self) -> str:
        """As a screen reader says it."""
        return " ".join(filter(None, (self.time, self.level, self.message)))


def read_line(raw: bytes) -> Line:
    """Read a line of zerolog's console or JSON writer, or of structlog's; else it is all text."""
    text = raw.decode("utf-8", "replace").rstrip("\r\n")
    if "\x1b" in text:
        text = _COLOURS.sub("", text)
    if text.startswith("{"):
        try:
            record = json.loads(text)
        except ValueError:
            record = None
        if isinstance(record, dict):
            return _from_json(record)
    if (match := _CONSOLE.match(text)) is not None:
        return _from_console(match[1], match[2], match[3])
    return Line("", "", _visible(text))


def _from_console(time: str, level: str, rest: str) -> Line:
    message, *fields = _FIELD.split(rest, maxsplit=1)
    told = fields[0] if fields else ""
    module = ""
    found = re.search(r"(?:^| )module=(\S+)", told)
    if found is not None:
        module = found[1]
        told = (told[: found.start()] + told[found.end() :]).strip()
    word = {"FTL": "ERR", "PNC": "ERR", "TRC": "DBG"}.get(level, level)
    return Line(time, word, _visible(message), module, _visible(told))


def _from_json(record: dict[str, object]) -> Line:
    message = next((str(record[key]) for key in _TEXT_KEYS if record.get(key)), "")
    stamp = next((str(record[key]) for key in _TIME_KEYS if record.get(key)), "")
    shown, at = _moment(stamp)
    fields = " ".join(
        f"{name}={_value(value)}" for name, value in record.items() if name not in _KNOWN
    )
    return Line(
        shown,
        WORDS.get(str(record.get("level", "")), ""),
        _visible(message),
        str(record.get("module") or record.get("logger") or ""),
        _visible(fields),
        at,
    )


def _moment(stamp: str) -> tuple[str, float | None]:
    """The time of day here, with milliseconds where the stamp has them."""
    try:
        moment = datetime.fromisoformat(stamp).astimezone()
    except ValueError:
        return stamp[:25], None
    shown = f"{moment:%H:%M:%S}"
    if "." in stamp:
        shown += f".{moment.microsecond // 1000:03d}"
    return shown, moment.timestamp()


def _value(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"' if " " in value else value
    return json.dumps(value, ensure_ascii=False)


def _visible(text: str) -> str:
    """One row of text: breaks and tabs as spaces, an end to what is endless."""
    text = text.replace("\n", " ⏎ ").replace("\t", "  ")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
