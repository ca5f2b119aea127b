# SPDX-License-Identifier: Apache-2.0
"""Pictures of the pages: `python -m tests.shots DIR [NAME ...]`."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QLocale, QSize
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QApplication

from desktop.adapter import EngineAdapter
from desktop.app import make_application, set_language
from desktop.context import Context
from desktop.theme import theme
from desktop.window import MainWindow
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.state import NodeStatus
from tests.helpers import chain_shots, dv_shots, page_shots, samples, wizard
from tests.helpers.fake_engine import FakeEngine

USUAL, SMALL = QSize(1180, 760), QSize(1024, 700)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: a page with a status; `act` brings the window into the wanted state."""

    name: str
    status: Callable[[], NodeStatus] | None
    page: str = "overview"
    size: QSize = USUAL
    act: Callable[[MainWindow], None] = lambda _window: None
    scale: float = 1.0
    files: Callable[[Layout], object] = lambda _layout: None


SHOTS = [
    Shot("overview", samples.signing),
    Shot("overview-small", samples.signing, size=SMALL),
    Shot("overview-alert", samples.alert),
    Shot("overview-stopped", samples.stopped),
    Shot("overview-failed", samples.failed),
    Shot("overview-empty", samples.unknown),
    Shot("overview-large-text", samples.signing, size=SMALL, scale=2.0),
    Shot("syncing", samples.syncing),
    Shot("first-run-network", None, act=wizard.network),
    Shot("first-run-name", None, act=wizard.name),
    Shot("first-run-key", None, act=wizard.key),
    Shot("first-run-summary", None, act=wizard.summary),
    Shot("first-run-progress", samples.syncing, act=wizard.progress),
    Shot("first-run-failed", samples.verify_failed, act=wizard.progress),
    Shot("keys", samples.signing, "keys"),
    Shot("keys-backed-up", samples.proved, "keys"),
    Shot("keys-small", samples.signing, "keys", SMALL),
    Shot("network", samples.signing, "network", act=page_shots.settle),
    Shot("network-stopped", samples.stopped, "network"),
    Shot("backup-dialog", samples.signing, "keys", act=wizard.backup_dialog),
    Shot("stop-question", samples.signing, act=wizard.stop_question),
    Shot("first-run-network-small", None, size=SMALL, act=wizard.network),
    *page_shots.shots(Shot, SMALL),
    *dv_shots.shots(Shot, SMALL),
    *chain_shots.shots(Shot),
]


def take(shot: Shot, appearance: str, folder: Path) -> Path:
    """Write one picture; the file."""
    theme().choose(appearance, shot.scale)
    with tempfile.TemporaryDirectory() as data:
        layout = Layout(Path(data), Path(data))
        shot.files(layout)
        window = build(shot, layout)
        shot.act(window)
        for _turn in range(6):
            QApplication.processEvents()
            time.sleep(0.01)
        file = folder / f"{shot.name}-{appearance}.png"
        picture = window.grab()
        dialog = QApplication.activeModalWidget()
        if dialog is not None:
            painter = QPainter(picture)
            place = window.rect().center() - dialog.rect().center()
            painter.drawPixmap(place, dialog.grab())
            painter.end()
        picture.save(str(file))
        if dialog is not None:
            dialog.close()
        window.may_close = True
        window.close()
        window.deleteLater()
        QApplication.processEvents()
    return file


def build(shot: Shot, layout: Layout) -> MainWindow:
    """The window on a stand-in engine that replays the shot's status."""
    statuses = [shot.status()] if shot.status is not None else []
    engine = FakeEngine(statuses, samples.doors(), Catalogue(layout).profiles())
    engine.lines = samples.LOG
    engine.known_peers = samples.PEERS
    page_shots.fill(engine)
    if statuses:
        engine.key = samples.key(statuses[0])
    context = Context(EngineAdapter(), layout, "0.1.0")
    window = MainWindow(context)
    window.resize(shot.size)
    window.show()
    for status in statuses:
        context.adapter.histories[status.node_id] = samples.history(status, time.time())
    context.adapter.attach(engine)
    deadline = time.monotonic() + 5
    while not context.adapter.is_open and time.monotonic() < deadline:
        QApplication.processEvents()
    if statuses and shot.page:
        window.open_page(shot.page)
    return window


def _in_german(shot: Shot, folder: Path) -> list[Path]:
    """The same picture in German, light and at the usual size of text."""
    app = QApplication.instance()
    set_language(app, "de")  # type: ignore[arg-type]
    try:
        return [take(replace(shot, name=f"{shot.name}-de"), "light", folder)]
    finally:
        set_language(app, "en_US")  # type: ignore[arg-type]


def main(arguments: list[str]) -> int:
    """Write the pictures whose names are asked for, or all."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    app = make_application()
    app.setFont(QFont("Inter", 9))
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    for shot in SHOTS:
        if arguments[1:] and shot.name not in arguments[1:]:
            continue
        for appearance in ("light", "dark"):
            print(take(shot, appearance, folder))
        print(*_in_german(shot, folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
