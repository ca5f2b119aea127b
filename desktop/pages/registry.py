# SPDX-License-Identifier: Apache-2.0
"""Which pages there are, in the order of the sidebar, and where each one's class lives."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from desktop.words.translation import tr

if TYPE_CHECKING:
    from desktop.context import Context
    from desktop.pages.page import Page


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page: `place` is "module:class"."""

    key: str
    title: str
    symbol: str
    place: str

    def make(self, context: Context) -> Page:
        """Import and build the page."""
        module, _, name = self.place.partition(":")
        page: Page = getattr(import_module(module), name)(context)
        return page


def dv_page_specs() -> list[PageSpec]:
    """The pages of a distributed validator; their keys are those of the same rows."""
    return [
        PageSpec("overview", tr("Overview"), "overview", "desktop.pages.obol:ObolPage"),
        PageSpec("charts", tr("Charts"), "charts", "desktop.pages.obol_charts:ObolChartsPage"),
        PageSpec("logs", tr("Logs"), "logs", "desktop.pages.obol_logs:ObolLogsPage"),
        PageSpec("keys", tr("Keys"), "keys", "desktop.pages.obol_keys:ObolKeysPage"),
        PageSpec("doctor", tr("Doctor"), "doctor", "desktop.pages.obol_doctor:ObolDoctorPage"),
    ]


def page_specs() -> list[PageSpec]:
    """All pages, titles in the person's language."""
    return [
        PageSpec("overview", tr("Overview"), "overview", "desktop.pages.overview:OverviewPage"),
        PageSpec("charts", tr("Charts"), "charts", "desktop.pages.charts:ChartsPage"),
        PageSpec("logs", tr("Logs"), "logs", "desktop.pages.logs:LogsPage"),
        PageSpec("keys", tr("Keys"), "keys", "desktop.pages.keys:KeysPage"),
        PageSpec("network", tr("Network"), "network", "desktop.pages.network:NetworkPage"),
        PageSpec("doctor", tr("Doctor"), "doctor", "desktop.pages.doctor:DoctorPage"),
        PageSpec("alerts", tr("Alerts"), "bell", "desktop.pages.alerts:AlertsPage"),
        PageSpec("settings", tr("Settings"), "settings", "desktop.pages.settings:SettingsPage"),
    ]
