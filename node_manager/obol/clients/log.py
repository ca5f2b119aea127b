# SPDX-License-Identifier: Apache-2.0
"""What a validator client said before it ended; each client writes its log in a way of its own."""

from __future__ import annotations

import re
from pathlib import Path

from node_manager.runtime.logfiles import tail

LINES = 20
CHARACTERS = 300
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_GRAVE = re.compile(r"level=(fatal|error)|\b(FATAL|CRIT|FAT|ERROR|ERRO|Error)\b|\berror: ")
_MESSAGE = re.compile(
    r'\bmsg="((?:[^"\\]|\\.)*)"'  # Prysm
    r"|^\S+ [\d:.]+\[\w*\] +\w+: (.+)"  # Lodestar while it runs
    r"|^✖ (?:Error: )?(.+)"  # Lodestar when it ends
)


def last_words(log: Path) -> str:
    """The last grave line among the last ones, else the last line; empty for an empty log.

    Blocks for the disk. Of what Prysm and Lodestar write only the message is kept.
    """
    lines = [text for raw in tail(log, LINES) if (text := _COLOUR.sub("", raw).strip())]
    if not lines:
        return ""
    grave = [line for line in lines if _GRAVE.search(line)]
    line = (grave or lines)[-1]
    message = _MESSAGE.search(line)
    said = message[message.lastindex or 0] if message else line
    return said[:CHARACTERS].rstrip(".") + "."
