# SPDX-License-Identifier: Apache-2.0
"""One line of a node's log, from either of its formats.

Plain (zerolog's console writer): `1:27PM ERR message key=value key="quoted"`, possibly with ANSI
colours. JSON: `{"level":"error","module":"server","module":"p2p","message":"..."}`, where `module`
may occur twice and the last counts.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_PLAIN = re.compile(r"^\d{1,2}:\d{2}[AP]M (TRC|DBG|INF|WRN|ERR|FTL|PNC) (.*)$")
_LEVELS = {
    "TRC": "debug",
    "DBG": "debug",
    "INF": "info",
    "WRN": "warn",
    "ERR": "error",
    "FTL": "error",
    "PNC": "error",
    "trace": "debug",
    "fatal": "error",
    "panic": "error",
}
_NOT_FIELDS = frozenset({"level", "message", "time", "module", "stack"})


@dataclass(frozen=True, slots=True)
class LogLine:
    """What a line says.

    Attributes:
        level: "debug", "info", "warn", "error", or empty for a line that is no log record.
        text: message and fields as plain words, without stack traces, quotes undone.
        module: the part of the node that speaks, empty when not told.
        time: RFC 3339 as the node wrote it; empty in the plain format, which has no date.
    """

    level: str
    text: str
    module: str = ""
    time: str = ""


def without_colours(line: str) -> str:
    """`line` as it reads on paper."""
    return _COLOURS.sub("", line) if "\x1b" in line else line


def parse_line(line: str) -> LogLine:
    """Read a line of either format; any other text is a line without a level."""
    line = line.strip()
    if line.startswith("{"):
        try:
            record = json.loads(line)
        except ValueError:
            return LogLine("", line)
        if isinstance(record, dict):
            return _from_json(record)
    line = without_colours(line)
    if (match := _PLAIN.match(line)) is None:
        return LogLine("", line)
    text = match[2].partition(" stack=")[0].replace('\\"', '"')
    module = re.search(r"\bmodule=(\S+)", text)
    return LogLine(_LEVELS[match[1]], text, module[1] if module else "")


def _from_json(record: dict[str, object]) -> LogLine:
    level = str(record.get("level", ""))
    fields = [f"{name}={value}" for name, value in record.items() if name not in _NOT_FIELDS]
    return LogLine(
        _LEVELS.get(level, level),
        " ".join([str(record.get("message", "")), *fields]),
        str(record.get("module", "")),
        str(record.get("time", "")),
    )
