# SPDX-License-Identifier: Apache-2.0
"""The window's life: first picture, then the engine, and an orderly end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtWidgets import QApplication

from desktop.context import Context
from desktop.engine.adapter import EngineAdapter
from desktop.look.theme import STYLE, theme
from desktop.none_guard import guard_none
from desktop.quick_start import settle
from desktop.window import MainWindow
from desktop.words.catalogue import SOURCE_LANGUAGE, language_of, read_catalogue, speak
from node_manager.version import VERSION

if TYPE_CHECKING:
    from bridge.cli.parser import Chosen
    from desktop.engine.client import EngineClient
    from node_manager.layout import Layout

EngineFactory = Callable[[], "EngineClient"]
"""Called in a thread, because it imports much; the engine it returns is not open yet."""


def run(chosen: Chosen, engine_factory: EngineFactory | None = None) -> int:
    """Show the window of the chosen folders and stay until the app ends; the exit code."""
    prepare = getattr(chosen, "prepare", None)
    if prepare is not None:
        prepare(chosen)
    app = make_application()
    look = read_look(chosen.layout)
    theme().choose(look.get("appearance", "system"))
    set_language(app, look.get("language", "system"))
    context = Context(EngineAdapter(app), chosen.layout, VERSION)
    window = MainWindow(context)
    from desktop.geometry import restore

    restore(window, chosen.layout)
    window.show()
    app.processEvents()
    if getattr(chosen, "say_when_shown", False):
        _say_when_shown(app, window)
    settle()
    return _live(app, window, context, chosen, engine_factory)


def _say_when_shown(app: QApplication, window: MainWindow) -> None:
    """Tell on the output that the window is on the screen; what measures the start waits for it."""
    while not (handle := window.windowHandle()) or not handle.isExposed():
        app.processEvents()
    app.processEvents()
    sys.stdout.write("shown\n")
    sys.stdout.flush()


def _live(
    app: QApplication,
    window: MainWindow,
    context: Context,
    chosen: Chosen,
    engine_factory: EngineFactory | None,
) -> int:
    """What comes after the first picture: everything that costs time to import."""
    from desktop.look.app_icon import app_icon
    from desktop.roles import say_roles
    from desktop.single_instance import SingleInstance, raise_other

    app.setWindowIcon(app_icon())
    say_roles()
    link = getattr(chosen, "link", None) or ""
    if raise_other(chosen.layout, link):
        window.hide()
        return 0
    import asyncio

    import qasync

    from desktop.lifecycle import Lifecycle

    instance = SingleInstance(chosen.layout, app)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    factory = engine_factory or _thread_engine(chosen)
    lifecycle = Lifecycle(app, window, context, chosen, factory)
    instance.raised.connect(lifecycle.on_raised)
    seconds = getattr(chosen, "exit_after", None)
    if seconds is not None:
        QTimer.singleShot(int(seconds * 1000), lambda: lifecycle.end(stop_nodes=False))

    async def live() -> None:
        async with instance:
            await lifecycle.live(link)

    with loop:
        loop.run_until_complete(live())
    if lifecycle.starts_anew:
        from desktop.anew import start_anew

        start_anew()
    return lifecycle.exit_code


def _thread_engine(chosen: Chosen) -> EngineFactory:
    def make() -> EngineClient:
        from desktop.engine.link import EngineLink

        return EngineLink(chosen.layout)

    return make


def make_application() -> QApplication:
    """The application object, named for the desktop."""
    guard_none()
    QApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    # Named here, because `setStyle` answers with a QStyle, whose enums take 6 ms to make.
    app = QApplication([*sys.argv[:1], "-style", STYLE])
    app.setProperty("style", STYLE)
    app.setApplicationName("oneclick-validator")
    app.setApplicationDisplayName("One-Click Validator")
    app.setApplicationVersion(VERSION)
    app.setDesktopFileName("oneclick-validator")
    app.setQuitOnLastWindowClosed(False)
    return app


def read_look(layout: Layout) -> dict[str, str]:
    """Appearance and language of the settings file, read without the engine's imports.

    A file that cannot be read is the engine's to report; the window then looks as by default.
    """
    if not layout.settings.exists():
        return {}
    import tomllib

    try:
        part = tomllib.loads(layout.settings.read_text(encoding="utf-8")).get("window", {})
    except (OSError, ValueError):
        return {}
    return {name: value for name, value in part.items() if isinstance(value, str)}


def set_language(app: QApplication, language: str) -> None:
    """Speak `language` ("system" or a code such as "de"); numbers follow it.

    To be called before a window is made: texts are taken when a widget is built.
    """
    locale = QLocale.system() if language == "system" else QLocale(language)
    QLocale.setDefault(locale)
    spoken = language_of(language)
    speak(app, {} if spoken == SOURCE_LANGUAGE else read_catalogue(spoken))
