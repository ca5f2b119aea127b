# SPDX-License-Identifier: Apache-2.0
"""`status`, `health` or `logs N` of the app inside our container, asked every few seconds.

Run as a file by a bare interpreter (`python -I -S`), so the standard library is all it has: one
answer costs a twentieth of what the app's own command line takes to start. Of our own modules it
takes one that needs no more.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

SECONDS = 10.0
WELL = ("syncing", "running", "upgrading")
"""Of node_manager.state.NodeState."""


class _Door(http.client.HTTPConnection):
    """A control door (bridge/server/control_address.py)."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        """Open the socket in place of a port."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(SECONDS)
        self.sock.connect(str(self._path))


def nodes(control: Path) -> list[dict[str, Any]] | None:
    """The validators as the app behind the socket `control` tells them, None without an answer."""
    door = _Door(control)
    try:
        door.request("GET", "/v1/nodes")
        answer = door.getresponse()
        told = json.loads(answer.read())
        found: list[dict[str, Any]] | None = told["nodes"] if answer.status == 200 else None
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return None
    finally:
        door.close()
    return found


def node_log(data: Path, lines: int) -> list[str]:
    """The last lines of the first validator's log; there is one in a container."""
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    from node_manager.runtime.logtail import tail

    made = sorted((data / "nodes").glob("*/node.json"))
    return tail(made[0].parent / "logs" / "node.log", lines) if made else []


def main(words: list[str], data: Path) -> int:
    """Print the status as JSON, the log, or each state; 0 when it is well."""
    if words[0] == "logs":
        sys.stdout.buffer.write("\n".join(node_log(data, int(words[1]))).encode())
        return 0
    found = nodes(data / "run" / "control.sock")
    if words == ["status"]:
        print(json.dumps({"running": found is not None, "nodes": found or []}))
        return 0 if found is not None else 3
    for node in found or []:
        print(node["state"], node["height"]["value"])
    return 0 if found and all(node["state"] in WELL for node in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(os.environ["ONECLICK_DATA"])))
