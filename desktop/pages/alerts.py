# SPDX-License-Identifier: Apache-2.0
"""What calls a person now, since when and with which way out; and what called before."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QHideEvent, QShowEvent

from desktop.alerts.cards import PastCard, StandingCard
from desktop.alerts.ways import BACKUP, way_of
from desktop.components.dress import Card, button, column, label, row
from desktop.components.glyph_label import GlyphLabel
from desktop.components.trouble_bar import TroubleCard
from desktop.context import Context
from desktop.look.glyphs import Glyph
from desktop.pages.page import Page
from desktop.ticker import ticker
from desktop.words.translation import tr
from node_manager.alerts.alert import Alert
from node_manager.settings import Settings

if TYPE_CHECKING:
    from node_manager.alerts.past import PastAlert


class AlertsPage(Page):
    """All validators' alerts; silence is a setting of the app."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Alerts"))
        self.alerts: list[Alert] = []
        self.past: list[PastAlert] | None = None
        self.settings: Settings | None = None
        self._known = False
        self.choose = button(tr("Choose what calls…"), lambda: context.wishes.page.emit("settings"))
        self.head.addWidget(self.choose)
        self._glyph = GlyphLabel(Glyph.UNKNOWN, 24, disc=44)
        self._title = label("", "sentence", wrap=True)
        self._line = label("", "second", wrap=True)
        top = Card(margins=(20, 20, 20, 20))
        head = row(self._glyph, 16, column(None, self._title, self._line, None, gap=2), gap=0)
        head.setStretch(2, 1)
        top.body.addLayout(head)
        self.trouble = TroubleCard()
        self.standing, self.over = StandingCard(), PastCard()
        self.standing.way_asked.connect(self._on_way)
        self.standing.silence_asked.connect(self._on_silence)
        for part in (top, self.trouble, self.standing, self.over):
            self.content.addWidget(part)
        self.content.addStretch(1)
        context.adapter.told.connect(self._on_told)
        context.adapter.opened.connect(self._read)
        context.wishes.settings_changed.connect(self._take_settings)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Of a computer, not of one validator: it is right without any of them, too.
        ticker().add(self, self.render_alerts)
        self.render_alerts(time.time())
        self._read()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        ticker().remove(self)

    def _read(self) -> None:
        adapter = self.context.adapter
        if not adapter.is_open or not self.isVisible():
            return
        engine = self.context.engine
        adapter.when(engine.alerts(), self, self._take_alerts, self.trouble.explain)
        adapter.when(engine.past_alerts(), self, self._take_past, self.trouble.explain)
        adapter.when(engine.settings(), self, self._take_settings, self.trouble.explain)

    def _take_alerts(self, alerts: Sequence[Alert]) -> None:
        self.alerts, self._known = list(alerts), True
        self.render_alerts(time.time())

    def _take_past(self, past: Sequence[PastAlert]) -> None:
        self.past = list(past)
        self.render_alerts(time.time())

    def _take_settings(self, settings: Settings) -> None:
        self.settings = settings
        self.render_alerts(time.time())

    def _on_told(self, event: Any) -> None:
        if type(event).__name__ in ("AlertRaised", "AlertCleared"):
            self._read()

    def render_alerts(self, now: float) -> None:
        """Show what is known as it reads at the Unix time `now`."""
        silenced = self.settings.alerts.silenced if self.settings is not None else []
        self._show_head(silenced)
        self.standing.show_alerts(self.alerts, silenced, now)
        self.over.show_past(self.past, now)

    def _show_head(self, silenced: Sequence[str]) -> None:
        urgent = sum(alert.urgent for alert in self.alerts)
        glyph, line = Glyph.GOOD, tr("An alert comes once, and ends by itself when it is over.")
        if not self._known:
            glyph, title, line = Glyph.UNKNOWN, tr("What calls is not known yet."), ""
        elif not self.alerts:
            title = tr("Nothing calls for you.")
        else:
            glyph = Glyph.BAD if urgent else Glyph.WARN
            count = len(self.alerts)
            title = tr("1 alert stands.") if count == 1 else tr("{count} alerts stand.")
            title = title.format(count=count)
            if urgent:
                line = tr("{count} of them cost money, or soon will.").format(count=urgent)
                if urgent == 1:
                    line = tr("One of them costs money, or soon will.")
                if count == 1:
                    line = tr("It costs money, or soon will.")
            else:
                line = tr("None of them costs money yet.")
        if silenced:
            line += " " + tr("Silenced kinds: {count}.").format(count=len(silenced))
        self._glyph.show_glyph(glyph)
        self._title.setText(title)
        self._line.setText(line.strip())

    def _on_way(self, alert: Alert) -> None:
        page, _words = way_of(alert.kind)
        wishes = self.context.wishes
        if alert.node_id:
            wishes.node.emit(alert.node_id)
        if page == BACKUP:
            wishes.backup.emit(alert.node_id)
        else:
            wishes.page.emit(page)

    def _on_silence(self, alert: Alert, wanted: bool) -> None:
        if self.settings is None:
            return
        changed = self.settings.model_copy(deep=True)
        kinds = {one for one in changed.alerts.silenced if one != alert.kind.value}
        changed.alerts.silenced = sorted({*kinds, alert.kind.value} if wanted else kinds)
        self.trouble.explain(None)
        self.context.adapter.when(
            self.context.engine.change_settings(changed),
            self,
            lambda _nothing: self.context.wishes.settings_changed.emit(changed),
            self.trouble.explain,
        )
