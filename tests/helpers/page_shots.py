# SPDX-License-Identifier: Apache-2.0
"""What the pages ask an engine for, and the ways to what is not in sight at once."""

from __future__ import annotations

from typing import Any

from bridge.server.pairing_store import Pairing, Scope
from node_manager.downloads.progress import Progress
from tests.helpers import alert_samples, check_samples, history_samples
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.wizard import settle_for

PAIRINGS = [
    Pairing(
        id="1", origin="https://portal.example", scopes=[Scope.READ], token_hash="",
        created_at=1_795_000_000,
    ),
    Pairing(
        id="2", origin="http://localhost:5173", scopes=[Scope.READ, Scope.CONTROL], token_hash="",
        created_at=1_795_300_000, durable=False,
    ),
]  # fmt: skip


def fill(engine: FakeEngine) -> None:
    """What these pages ask the engine for."""
    engine.past = history_samples.past
    engine.checks = check_samples.to_mend()
    engine.bundle = check_samples.bundle()
    engine.known_pairings = PAIRINGS
    engine.blocked = ["https://eager.example"]
    engine.current_settings.bridge.origins = ["https://portal.example"]
    engine.standing_alerts, engine.over_alerts = alert_samples.standing(), alert_samples.over()
    engine.sockets = {
        26656: frozenset({"::"}),
        26657: frozenset({"127.0.0.1"}),
        1317: frozenset({"127.0.0.1"}),
        9090: frozenset({"127.0.0.1"}),
    }
    engine.refused = alert_samples.refused()


def settle(_window: Any) -> None:
    """Let the pages' answers arrive."""
    settle_for(0.4)


def scroll_down(window: Any) -> None:
    """Show the end of a page."""
    settle_for(0.4)
    bar = window.stack.currentWidget().verticalScrollBar()
    bar.setValue(bar.maximum())


def scroll_to_doors(window: Any) -> None:
    """Show heartbeat, bridge and orchestrator."""
    settle_for(0.4)
    page = window.stack.currentWidget()
    page.verticalScrollBar().setValue(page.heartbeat.y() - 12)


def scroll_to_updates(window: Any) -> None:
    """Show how the app's version stands."""
    settle_for(0.4)
    window.open_page("settings#updates")
    settle_for(0.1)


def download_update(window: Any) -> None:
    """Show a download of the app's newer version under way."""
    scroll_to_updates(window)
    window.page("settings").updates.download.click()
    progress = Progress("download", 61_000_000, 172_000_000, 5_400_000.0, 21.0)
    window.context.engine.report_download(progress)
    scroll_to_updates(window)


def show_notice(window: Any) -> None:
    """Show what a desktop without a tray cannot."""
    settle_for(0.2)
    window.show_notice(
        "my-validator: The node is connected to nobody.",
        "Its port may be blocked, or the network's addresses are out of date.",
    )
    settle_for(0.2)


def open_bundle(window: Any) -> None:
    """Show what a support bundle holds."""
    settle_for(0.3)
    window.page("doctor").bundle_button.click()
    settle_for(0.3)
