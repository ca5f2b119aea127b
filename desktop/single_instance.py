# SPDX-License-Identifier: Apache-2.0
"""One window a data folder: a second start hands its link over and raises the first."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

REACH_MILLISECONDS = 500
LINK_BYTES = 4096


def name_of(data: Path) -> str:
    """The name of the local socket for a data folder; short, whatever the path."""
    digest = hashlib.sha256(str(data).encode()).hexdigest()[:16]
    return f"oneclick-validator-{digest}"


def raise_other(data: Path, link: str = "") -> bool:
    """Ask a running window of this data folder to come to the front; whether there was one."""
    socket = QLocalSocket()
    socket.connectToServer(name_of(data))
    if not socket.waitForConnected(REACH_MILLISECONDS):
        return False
    socket.write(link.encode()[:LINK_BYTES] + b"\n")
    socket.waitForBytesWritten(REACH_MILLISECONDS)
    socket.disconnectFromServer()
    return True


class SingleInstance(QObject):
    """Listens for later starts.

    Signals:
        raised: a later start asks for the window; with its link, or empty.
    """

    raised = Signal(str)

    def __init__(self, data: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sockets: list[QLocalSocket] = []
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        name = name_of(data)
        if not self._server.listen(name):
            # Left by a window that was killed: nobody answered at it a moment ago.
            QLocalServer.removeServer(name)
            self._server.listen(name)

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            # Held here: the wrapper of a socket must not die before the socket does.
            self._sockets.append(socket)
            socket.readyRead.connect(self._on_ready)
            self._on_ready()

    def _on_ready(self) -> None:
        for socket in list(self._sockets):
            if socket.canReadLine():
                line = bytes(socket.readLine(LINK_BYTES + 1).data())
                self._sockets.remove(socket)
                socket.readyRead.disconnect(self._on_ready)
                socket.close()
                socket.deleteLater()
                self.raised.emit(line.decode(errors="replace").strip())
