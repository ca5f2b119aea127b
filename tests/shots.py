# SPDX-License-Identifier: Apache-2.0
"""Pictures of everything in the window: `python -m tests.shots DIR [NAME ...]`.

A picture's name tells what it shows: `overview-failed-dark-small-de.png`. `--list` prints the
table of what is taken in which state, and why the rest has no meaning.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog

from desktop.app import make_application, set_language
from desktop.context import Context
from desktop.engine.adapter import EngineAdapter
from desktop.look.theme import theme
from desktop.validators import identity
from desktop.window import MainWindow
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from tests.helpers import samples
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.shots.shot import Shot, State, Subject, World
from tests.helpers.shots.table import SUBJECTS
from tests.helpers.wizard import settle, settle_for

SIZES = {"usual": QSize(1180, 760), "small": QSize(1024, 700)}
LOOKS = ("light", "dark")
LANGUAGES = {"en": "en_US", "de": "de"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pictures are taken, and how large text is."""

    subjects: Sequence[Subject]
    states: Sequence[str] = ()
    looks: Sequence[str] = LOOKS
    sizes: Sequence[str] = tuple(SIZES)
    languages: Sequence[str] = tuple(LANGUAGES)
    scale: float = 1.0

    def shots(self) -> Iterator[tuple[str, Shot]]:
        """The pictures of each subject that are wanted, those of one world together."""
        found = [
            (f"{subject.name}-{state}", shot)
            for subject in self.subjects
            for state, shot in subject.shots().items()
            if not self.states or state in self.states
        ]
        order = {shot.world.name: place for place, (_name, shot) in reversed([*enumerate(found)])}
        yield from sorted(found, key=lambda one: (one[1].fresh, order[one[1].world.name]))


class Studio:
    """Takes pictures; one window serves all pages of a world."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._window: MainWindow | None = None
        self._world = ""
        self._data: tempfile.TemporaryDirectory[str] | None = None

    def take(self, name: str, shot: Shot, wanted: Wanted, ending: str) -> Iterator[Path]:
        """Write a picture in each of the wanted sizes; the files."""
        window = self._of(shot, SIZES[wanted.sizes[0]])
        if shot.page:
            window.open_page(shot.page)
        try:
            shot.act(window)
        except Exception as error:
            raise RuntimeError(f"{name}: {error}") from error
        for size in wanted.sizes:
            window.resize(SIZES[size])
            settle_for(0.04)
            look, language = ending.split("-")
            file = self._folder / f"{name}-{look}-{size}-{language}.png"
            # A picture is looked at once: its size on disk matters less than its making's time.
            picture(window).save(str(file), "PNG", 80)
            yield file
        while isinstance(dialog := QApplication.activeModalWidget(), QDialog):
            dialog.done(0)
            if dialog.isVisible():
                dialog.hide()
            settle()
        if shot.fresh:
            self.close()

    def _of(self, shot: Shot, size: QSize) -> MainWindow:
        if self._window is None or shot.fresh or shot.world.name != self._world:
            self.close()
            self._data = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
            layout = Layout(Path(self._data.name), Path(self._data.name))
            shot.world.files(layout)
            self._window, self._world = opened(shot.world, layout, size), shot.world.name
        self._window.resize(size)
        return self._window

    def close(self) -> None:
        """Close the window that is open."""
        if self._window is not None:
            self._window.may_close = True
            self._window.close()
            self._window.deleteLater()
            self._window = None
            settle()
        if self._data is not None:
            self._data.cleanup()
            self._data = None


def opened(world: World, layout: Layout, size: QSize) -> MainWindow:
    """A window on a stand-in engine that knows what `world` says."""
    statuses = [] if world.status is None else [world.status()]
    engine = FakeEngine(statuses, samples.doors(), Catalogue(layout).profiles())
    if statuses:
        engine.key = samples.key(statuses[0])
    cluster = None if world.cluster is None else world.cluster()
    if cluster is not None:
        engine.clusters[cluster.cluster_id] = cluster
    world.fill(engine)
    context = Context(EngineAdapter(), layout, "0.1.0")
    window = MainWindow(context)
    window.resize(size)
    window.show()
    for status in statuses if world.past else ():
        context.adapter.histories[status.node_id] = samples.history(status, time.time())
    if not world.opens:
        context.adapter._engine = engine
        return window
    context.adapter.attach(engine)
    deadline = time.monotonic() + 10
    while not context.adapter.is_open and time.monotonic() < deadline:
        QApplication.processEvents()
    if cluster is not None:
        window.show_node(identity(cluster))
    settle()
    return window


def picture(window: MainWindow) -> QPixmap:
    """The window as it is, with the dialog that lies over it."""
    result = window.grab()
    dialog = QApplication.activeModalWidget()
    if dialog is not None:
        painter = QPainter(result)
        painter.drawPixmap(window.rect().center() - dialog.rect().center(), dialog.grab())
        painter.end()
    return result


def take_all(wanted: Wanted, folder: Path) -> Iterator[Path]:
    """Write all wanted pictures; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or make_application()
    studio = Studio(folder)
    shots = [*wanted.shots()]
    try:
        for language in wanted.languages:
            set_language(app, LANGUAGES[language])  # type: ignore[arg-type]
            for look in wanted.looks:
                theme().choose(look, wanted.scale)
                for name, shot in shots:
                    yield from studio.take(name, shot, wanted, f"{look}-{language}")
                studio.close()
    finally:
        studio.close()
        set_language(app, LANGUAGES["en"])  # type: ignore[arg-type]
        theme().choose("light")


def table() -> Iterator[str]:
    """A line for each subject and state: the picture, or why there is none."""
    for subject in SUBJECTS:
        for state in State:
            told = subject.states[state]
            yield f"{subject.name:22}{state:9}{'picture' if isinstance(told, Shot) else told}"
        for name in subject.more:
            yield f"{subject.name:22}{name:9}picture"


def chosen(arguments: list[str]) -> tuple[argparse.Namespace, Wanted]:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.shots", description=__doc__)
    names = [subject.name for subject in SUBJECTS]
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--state", action="append", default=[], help="ok, failed, …")
    parser.add_argument("--look", action="append", choices=LOOKS)
    parser.add_argument("--size", action="append", choices=list(SIZES))
    parser.add_argument("--language", action="append", choices=list(LANGUAGES))
    parser.add_argument("--scale", type=float, default=1.0, help="2 for text of 200 %%")
    parser.add_argument("--list", action="store_true", help="print the table and end")
    given = parser.parse_intermixed_args(arguments)
    if unknown := set(given.names) - set(names):
        parser.error(f"no picture is named {', '.join(sorted(unknown))}")
    if given.folder is None and not given.list:
        parser.error("a folder is needed")
    wanted = Wanted(
        [one for one in SUBJECTS if not given.names or one.name in given.names],
        given.state,
        given.look or LOOKS,
        given.size or tuple(SIZES),
        given.language or tuple(LANGUAGES),
        given.scale,
    )
    return given, wanted


def main(arguments: list[str]) -> int:
    """Write the pictures that are asked for, or all."""
    given, wanted = chosen(arguments)
    if given.list:
        print("\n".join(table()))
        return 0
    app = make_application()
    app.setFont(QFont("Inter", 9))
    with suppress(BrokenPipeError):
        for file in take_all(wanted, given.folder):
            print(file, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
