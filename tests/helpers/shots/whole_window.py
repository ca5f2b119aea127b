# SPDX-License-Identifier: Apache-2.0
"""The pictures of what belongs to the window rather than to a page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from node_manager.events import NodeChanged
from tests.helpers import page_shots, samples, wizard
from tests.helpers.shots import worlds
from tests.helpers.shots.shot import Shot, State, Subject, engine_of, only

ONE_MOMENT = "it is the app's own moment, whatever a validator does"
NAMES = ("north-sea", "amber", "kelp", "old-oak", "pebble", "tern", "harbour", "lighthouse-keeper")


def trouble(window: Any) -> None:
    """Trouble that no page claims."""
    page_shots.settle(window)
    window.trouble.explain(worlds.refusal().explanation)
    wizard.settle()


def not_opened(window: Any) -> None:
    """The engine cannot be opened."""
    window.context.adapter.tell_not_opened(worlds.refusal().explanation)
    wizard.settle()


def many(window: Any) -> None:
    """Eight more validators in the sidebar; the last one is shown."""
    engine, status = engine_of(window), samples.signing()
    others = (samples.stopped, samples.syncing, samples.signing, samples.failed)
    for place, name in enumerate(NAMES):
        other = others[place % len(others)]()
        engine.publish(
            NodeChanged(replace(other, node_id=f"{status.node_id}-{place}", moniker=name, steps=()))
        )
        wizard.settle_for(0.05)
    window.show_node(f"{status.node_id}-{len(NAMES) - 1}")
    wizard.settle_for(0.2)


OK = worlds.CHAIN[State.OK]
WINDOW = [
    Subject(
        "notice",
        "NoticeBar",
        only(
            "what the desktop cannot show, whatever it is",
            warning=Shot(OK, "overview", page_shots.show_notice, fresh=True),
        ),
    ),
    Subject(
        "trouble",
        "TroubleBar",
        only("it shows trouble only", failed=Shot(OK, "overview", trouble, fresh=True)),
    ),
    Subject(
        "opening",
        "Interim",
        only(ONE_MOMENT, syncing=Shot(worlds.NOT_OPENED, fresh=True)),
        {
            "ending": Shot(
                OK, "overview", lambda window: window.say_ending(stop_nodes=True), fresh=True
            )
        },
    ),
    Subject(
        "not-opened",
        "NotOpened",
        only(ONE_MOMENT, failed=Shot(worlds.NOT_OPENED, "", not_opened, fresh=True)),
    ),
    Subject(
        "sidebar",
        "Sidebar",
        only(
            "each page's pictures show it with one validator",
            ok=Shot(OK, "overview", many, fresh=True),
        ),
    ),
]
