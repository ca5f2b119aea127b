# SPDX-License-Identifier: Apache-2.0
"""The signer's control door, in its own process: figures, stop, raise the floor.

One JSON line in, one JSON line out, one request a connection. A unix socket in a folder which only
its owner enters; where the path is too long for one, or there are none, a port on the loopback
with a token that is written into a file beside it.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from node_manager.durable import make_private_folder, write_durably
from node_manager.keys.signing_state import SigningState
from node_manager.signer.control_address import port_file, unix_path
from node_manager.signer.errors import JournalUnwritable, SignerError
from node_manager.signer.service import Service
from node_manager.signer.signlog import say

_LINE = 4096
_NO_REQUEST = (OSError, ValueError, KeyError, TypeError, RecursionError)
_SECONDS = 2.0


class ControlServer:
    """Listens on one control address and answers from one service."""

    def __init__(self, control: Path, service: Service, die: Callable[[SignerError], None]) -> None:
        """Listen at `control`; `die` ends the process when the record cannot be kept.

        Raises:
            OSError: the socket cannot be made.
        """
        self._service = service
        self._die = die
        self._token = ""
        self._stop_wanted = False
        make_private_folder(control.parent)
        self._remove: Path
        if (path := unix_path(control)) is not None:
            self._remove = control
            control.unlink(missing_ok=True)
            self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._listener.bind(path)
        else:
            self._remove = port_file(control)
            self._token = secrets.token_hex(16)
            self._listener = socket.create_server(("127.0.0.1", 0))
            port = self._listener.getsockname()[1]
            write_durably(self._remove, json.dumps({"port": port, "token": self._token}))
        self._listener.listen()

    def start(self) -> None:
        """Answer in a thread of its own, which ends with the process."""
        threading.Thread(target=self._run, name="control", daemon=True).start()

    def close(self) -> None:
        """Stop listening and remove the door."""
        self._listener.close()
        with contextlib.suppress(OSError):
            self._remove.unlink(missing_ok=True)

    def _run(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            with stream, contextlib.suppress(*_NO_REQUEST):
                stream.settimeout(_SECONDS)
                answer = self._answer(_line(stream))
                stream.sendall(json.dumps(answer).encode() + b"\n")
            if self._stop_wanted:
                say("info", "asked to stop")
                self._service.stop()
                return

    def _answer(self, line: bytes) -> dict[str, object]:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise ValueError("not a request")
        token = str(request.get("token", ""))
        if not secrets.compare_digest(token.encode(), self._token.encode()):
            return {"error": "the token is wrong"}
        match request.get("do"):
            case "figures":
                return self._figures()
            case "stop":
                self._stop_wanted = True
                return {"ok": True}
            case "raise_floor":
                return self._raise_floor(int(request["height"]))
            case "votes":
                return self._votes(int(request["above"]))
        return {"error": "no such request"}

    def _figures(self) -> dict[str, object]:
        statistics, state = self._service.statistics, self._service.guard.state
        known = state.height > 0
        return {
            "pid": os.getpid(),
            "connected": statistics.connected,
            "height": state.height if known else None,
            "round": state.round if known else None,
            "step": state.step if known else None,
            "signed_at": statistics.signed_at,
            "signed": statistics.signed,
            "refused": statistics.refused,
            "refused_last": statistics.refused_last,
            "latency_p50": statistics.latency(0.5),
            "latency_p99": statistics.latency(0.99),
        }

    def _votes(self, above: int) -> dict[str, object]:
        with self._service.exclusively:
            votes = self._service.guard.votes.above(above)
        told = [[height, signature.hex()] for height, signature in votes.signatures]
        return {"since": votes.since, "votes": told}

    def _raise_floor(self, height: int) -> dict[str, object]:
        try:
            with self._service.exclusively:
                self._service.guard.raise_to(SigningState.before(height + 1))
        except JournalUnwritable as error:
            self._die(error)
            return {"error": str(error)}
        say("info", "signs nothing up to", height=height)
        return {"ok": True}


def _line(stream: socket.socket) -> bytes:
    data = b""
    while b"\n" not in data and len(data) < _LINE:
        part = stream.recv(_LINE)
        if not part:
            break
        data += part
    return data
