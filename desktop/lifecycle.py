# SPDX-License-Identifier: Apache-2.0
"""From the first picture to the end: engine, tray, closing, quitting."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from desktop import geometry
from desktop.acts import NodeActs
from desktop.collecting import Collector
from desktop.components.ask import Ask
from desktop.concierge import Concierge
from desktop.context import Context
from desktop.engine.adapter import explanation_of
from desktop.validators import at_rest, cluster_key, identity, name_of
from desktop.window import MainWindow
from desktop.words.translation import tr

if TYPE_CHECKING:
    from bridge.cli.parser import Chosen
    from desktop.engine.client import EngineClient
    from desktop.tray import Tray
    from node_manager.obol.status import DvStatus

END_SECONDS = 60.0
"""How long the engine may take to stop its nodes before the app ends without it."""


class Lifecycle:
    """Owns what lives as long as the app: the tray, the engine's start, the one end.

    Attributes:
        starts_anew: whether the app shall start again once it has ended.
    """

    def __init__(
        self,
        app: QApplication,
        window: MainWindow,
        context: Context,
        chosen: Chosen,
        engine_factory: Callable[[], EngineClient],
    ) -> None:
        self._app, self._window, self._context = app, window, context
        self._chosen, self._factory = chosen, engine_factory
        self._ended = asyncio.Event()
        self._stop_nodes: bool | None = None
        self._engine: EngineClient | None = None
        self._told_of_tray = False
        self._asking: Ask | None = None
        self.tray: Tray | None = None
        self.on_quit = "ask"
        self.starts_anew = False
        window.close_asked.connect(self.on_close)
        window.quit_asked.connect(self.ask_to_quit)
        app.commitDataRequest.connect(self._on_logout)
        context.adapter.opened.connect(self._on_opened)
        context.wishes.settings_changed.connect(self._take_settings)
        context.wishes.restart.connect(self.restart)
        self.concierge = Concierge(context, window, self.notify)

    def notify(self, title: str, text: str) -> None:
        """Show a notification of the desktop where there is a tray to show it."""
        if self.tray is not None:
            self.tray.notify(title, text)

    @property
    def exit_code(self) -> int:
        """Of the process: 0, or 1 when the engine could not be opened."""
        return 1 if self._context.adapter.not_opened is not None else 0

    def restart(self) -> None:
        """End, and start anew where the data folder is now."""
        self.starts_anew = True
        self.end(stop_nodes=False)

    async def live(self, link: str) -> None:
        """Open the engine, stay until the end is decided, close in order."""
        self._listen_to_signals()
        collector = Collector(None)
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._make_tray()
        try:
            # Not to_thread: qasync would start ten threads for this one call, and keep them.
            with ThreadPoolExecutor(1) as thread:
                loop = asyncio.get_running_loop()
                self._engine = await loop.run_in_executor(thread, self._factory)
            self._context.adapter.attach(self._engine)
        except Exception as error:  # noqa: BLE001 the window stays and says what hinders the engine
            self._context.adapter.tell_not_opened(explanation_of(error))
        if link:
            self.on_raised(link)
        await self._ended.wait()
        stop_nodes = bool(self._stop_nodes)
        geometry.keep(self._window, self._context.layout)
        if self._engine is not None:
            self._window.say_ending(stop_nodes=stop_nodes)
            await self._close_engine(stop_nodes)
        if self.tray is not None:
            self.tray.icon.hide()
        collector.close()
        self._window.may_close = True
        self._window.close()

    async def _close_engine(self, stop_nodes: bool) -> None:
        assert self._engine is not None  # noqa: S101 (narrowing; live() has checked it)
        ending = asyncio.wrap_future(self._engine.quit(stop_nodes))
        try:
            await asyncio.wait_for(ending, END_SECONDS)
        except Exception:  # noqa: BLE001 (the app ends all the same; the log says why)
            import structlog

            structlog.get_logger(__name__).exception("the engine did not end in order")

    def end(self, *, stop_nodes: bool) -> None:
        """End the app; what is decided once stays decided, also before `live` is there to hear."""
        if self._stop_nodes is None:
            self._stop_nodes = stop_nodes
            self._ended.set()

    def on_close(self) -> None:
        """The window was closed: to the tray where there is one and work to do, else to the end."""
        if self.tray is None or self._context.adapter.not_opened is not None:
            self.ask_to_quit()
            return
        self._window.hide()
        if not self._told_of_tray:
            self._told_of_tray = True
            self.tray.notify(
                tr("One-Click Validator goes on"),
                tr("It stays in the tray. Quit it there."),
            )

    def ask_to_quit(self) -> None:
        """Quit; if a validator runs, ask once what becomes of it."""
        adapter = self._context.adapter
        statuses = (*adapter.statuses.values(), *adapter.clusters.values())
        running = [status for status in statuses if not at_rest(status)]
        if not running or self.on_quit == "leave":
            self.end(stop_nodes=False)
            return
        if self.on_quit == "stop":
            self.end(stop_nodes=True)
            return
        if self._asking is not None:
            self._asking.raise_()
            return
        names = ", ".join(map(name_of, running))
        self._window.bring_up()
        ask = quit_question(self._window, names)
        self._asking = ask
        ask.finished.connect(self._on_answered)
        ask.open()

    def _on_answered(self, _result: int) -> None:
        choice = self._asking.choice if self._asking is not None else "no"
        self._asking = None
        if choice != "no":
            self.end(stop_nodes=choice == "third")

    def on_raised(self, link: str) -> None:
        """A later start of the app, perhaps with a link: oneclick-validator://PAGE."""
        self._window.bring_up()
        page = link.partition("://")[2].strip("/").partition("/")[0].partition("?")[0]
        if page:
            self._window.open_page(page)

    def _make_tray(self) -> None:
        from desktop.tray import Tray

        tray, adapter = Tray(self._window), self._context.adapter
        adapter.node_changed.connect(tray.take)
        adapter.node_removed.connect(tray.drop)
        adapter.cluster_changed.connect(tray.take)
        adapter.cluster_removed.connect(lambda key: tray.drop(cluster_key(key)))
        tray.open_asked.connect(self._window.bring_up)
        tray.quit_asked.connect(self.ask_to_quit)
        tray.toggle_asked.connect(self._on_toggle)
        self.tray = tray

    def _on_toggle(self, node_id: str) -> None:
        adapter = self._context.adapter
        for cluster in adapter.clusters.values():
            if identity(cluster) == node_id:
                self._toggle_cluster(cluster)
        status = adapter.statuses.get(node_id)
        if status is None:
            return
        acts = NodeActs(self._context, self._window)
        if at_rest(status):
            acts.start(node_id)
        else:
            self._window.bring_up()
            acts.ask_and_stop(status)

    def _toggle_cluster(self, status: DvStatus) -> None:
        from desktop.obol.acts import DvActs

        acts = DvActs(self._context, self._window)
        if at_rest(status):
            acts.start(status.cluster_id)
        else:
            self._window.bring_up()
            acts.ask_and_stop(status)

    def _on_opened(self) -> None:
        adapter = self._context.adapter
        if self.tray is not None:
            for status in (*adapter.statuses.values(), *adapter.clusters.values()):
                self.tray.take(status)
        adapter.when(adapter.engine.settings(), self._window, self._take_settings)
        self._register_links()
        if getattr(self._chosen, "network", None):
            adapter.when(adapter.engine.ensure_running(self._chosen), self._window)

    def _register_links(self) -> None:
        """Only an installed program takes the links: a checkout comes and goes."""
        if getattr(sys, "frozen", False):
            from desktop.anew import register_links

            threading.Thread(target=register_links, name="links", daemon=True).start()

    def _take_settings(self, settings: object) -> None:
        self.on_quit = str(getattr(getattr(settings, "window", None), "on_quit", "ask"))

    def _on_logout(self, _manager: QSessionManager) -> None:
        """The session ends: children of ours end with it, so they are stopped in order."""
        self.end(stop_nodes=True)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, lambda: self.end(stop_nodes=False))
            except NotImplementedError:  # Windows' loop has no signal handlers
                signal.signal(number, lambda *_: self.end(stop_nodes=False))


def quit_question(window: QWidget, names: str) -> Ask:
    """What becomes of the validators that run."""
    return Ask(
        window,
        tr("Quit and leave {names} running?").format(names=names),
        tr(
            "Left running, it goes on signing without this window, but nothing restarts it and"
            " no alert comes. Stopped, it misses blocks until the next start."
        ),
        yes=tr("Quit, leave it running"),
        third=tr("Stop it and quit"),
    )
