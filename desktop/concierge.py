# SPDX-License-Identifier: Apache-2.0
"""What comes to the person without being asked for: websites, alerts, the doctor's first count."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from desktop.context import Context
from desktop.words.translation import engine_words, explained, tr

if TYPE_CHECKING:
    from desktop.components.pairing_dialog import PairingDialog
    from node_manager.alerts.alert import Alert

Notify = Callable[[str, str], None]
FIRST_LOOK_MILLISECONDS = 8000


class Concierge(QObject):
    """Listens to the adapter; `notify(title, text)` shows a notification of the desktop.

    `window` has `bring_up()`, and is the parent of what asks.
    """

    def __init__(
        self,
        context: Context,
        window: QWidget,
        notify: Notify,
        has_tray: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
    ) -> None:
        super().__init__(window)
        self._context, self._window, self._notify = context, window, notify
        self._has_tray = has_tray
        self.dialog: PairingDialog | None = None
        self._asking: dict[str, tuple[Any, float]] = {}
        """By origin, what is not answered yet and until when it may be; the first is shown."""
        context.adapter.told.connect(self._on_told)
        context.adapter.opened.connect(self._count_alerts)
        context.adapter.opened.connect(
            lambda: QTimer.singleShot(FIRST_LOOK_MILLISECONDS, self.look)
        )

    def _on_told(self, event: Any) -> None:
        match type(event).__name__:
            case "PairingRequested":
                self._ask(event)
            case "AlertRaised":
                self._count_alerts()
                if event.notify:
                    self._tell(event.alert)
            case "AlertCleared":
                self._count_alerts()
                if event.notify:
                    self._tell_over(event.alert)

    def _ask(self, event: Any) -> None:
        in_front = next(iter(self._asking), event.origin)
        known = event.origin in self._asking
        self._asking[event.origin] = (event, time.monotonic() + event.seconds)
        if in_front == event.origin:
            if self.dialog is not None:
                # The same website asked anew: its older question has no answer any more.
                self.dialog.decided.disconnect()
                self.dialog.reject()
            self._show_first(raises=not known)
        else:
            self._name_others()

    def _show_first(self, *, raises: bool) -> None:
        """Show the question that is in front; it `raises` the window when it is a new one."""
        from desktop.components.pairing_dialog import PairingDialog

        event, until = next(iter(self._asking.values()))
        bring_up = getattr(self._window, "bring_up", None)
        if bring_up is not None and raises:
            bring_up()
        left = max(0.0, until - time.monotonic())
        dialog = PairingDialog(self._window, event.origin, event.code, event.scopes, left)
        dialog.decided.connect(lambda decision: self._answer(event, decision))
        self.dialog = dialog
        self._name_others()
        dialog.open()

    def _name_others(self) -> None:
        if self.dialog is not None:
            self.dialog.show_others(list(self._asking)[1:])

    def _next(self) -> None:
        now = time.monotonic()
        self._asking = {
            origin: (event, until) for origin, (event, until) in self._asking.items() if until > now
        }
        if self.dialog is None and self._asking:
            self._show_first(raises=False)

    def _answer(self, event: Any, decision: str) -> None:
        self.dialog = None
        self._asking.pop(event.origin, None)
        # After the answered dialog has closed: it still has the window.
        QTimer.singleShot(0, self, self._next)
        adapter = self._context.adapter
        adapter.when(
            adapter.engine.decide_pairing(event.id, decision),  # type: ignore[arg-type]
            self,
            None,
            # A question that is over by itself needs no answer; a granted one does.
            None if decision != "refuse" else lambda _reason: None,
        )

    def _tell(self, alert: Alert) -> None:
        what, why, todo = explained(alert.explanation)
        self._show(self._name(alert, what), " ".join(filter(None, (why, todo))))

    def _tell_over(self, alert: Alert) -> None:
        from node_manager.alerts.alert import TITLES

        over = tr("It is over: {what}").format(what=engine_words(TITLES[alert.kind]))
        self._show(alert.moniker or tr("One-Click Validator"), over)

    def _show(self, title: str, text: str) -> None:
        """By the desktop; where it has no tray to show it, in the window."""
        self._notify(title, text)
        if not self._has_tray():
            self._context.wishes.notice.emit(title, text)

    def _count_alerts(self) -> None:
        adapter = self._context.adapter
        adapter.when(adapter.engine.alerts(), self, self._take_alerts, lambda _why: None)

    def _take_alerts(self, alerts: Sequence[Alert]) -> None:
        from desktop.look.glyphs import Glyph

        urgent = any(alert.urgent for alert in alerts)
        glyph = Glyph.BAD if urgent else Glyph.WARN
        self._context.wishes.alerts.emit(glyph, len(alerts))

    def _name(self, alert: Alert, what: str) -> str:
        return f"{alert.moniker}: {what}" if alert.moniker else what

    def look(self) -> None:
        """Let the doctor count what is to be mended, for the badge and the next thing."""
        statuses = list(self._context.adapter.statuses.values())
        if statuses:
            adapter = self._context.adapter
            adapter.when(
                adapter.engine.examine(statuses[0].node_id), self, self._count, lambda _why: None
            )

    def _count(self, results: Sequence[Any]) -> None:
        from desktop.doctor.findings import summary
        from desktop.look.glyphs import Glyph

        told = summary(results)
        self._context.wishes.to_mend.emit(told.glyph if told.to_mend else Glyph.GOOD, told.to_mend)
