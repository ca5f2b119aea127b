# SPDX-License-Identifier: Apache-2.0
"""The pictures of the pages of both kinds of validator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.helpers import chain_shots, log_samples, page_shots
from tests.helpers.shots import worlds
from tests.helpers.shots.shot import Shot, State, Subject, World

UNREGISTERED = World("chain-unregistered", chain_shots.unregistered, fill=page_shots.fill)


def five(
    page: str, of: Mapping[State, World], act: Any = page_shots.settle, **other: Shot
) -> dict[State, Shot | str]:
    """A page in the five worlds; `other` replaces some."""
    shots = {state: Shot(world, page, act) for state, world in of.items()}
    return {state: other.get(state, shot) for state, shot in shots.items()}


def scrolled(page: str, state: State = State.OK) -> Shot:
    """The end of a page."""
    return Shot(worlds.CHAIN[state], page, page_shots.scroll_down)


CHAIN = worlds.CHAIN
UPDATES = worlds.updates()


def refused(page: str) -> Shot:
    """A page whose questions the engine refuses."""
    return Shot(worlds.REFUSING, page, page_shots.settle)


PAGES = [
    Subject(
        "overview",
        "OverviewPage",
        five("overview", CHAIN),
        {
            "ended": Shot(worlds.ENDED, "overview", page_shots.settle),
            "stopped": Shot(worlds.STOPPED, "overview", page_shots.settle),
            "unregistered": Shot(UNREGISTERED, "overview", page_shots.settle),
            "end": scrolled("overview", State.WARNING),
        },
    ),
    Subject("charts", "ChartsPage", five("charts", CHAIN, failed=refused("charts"))),
    Subject(
        "logs",
        "LogsPage",
        five(
            "logs",
            CHAIN,
            warning=Shot(CHAIN[State.WARNING], "logs", log_samples.search_for_peer, fresh=True),
            failed=Shot(CHAIN[State.FAILED], "logs", log_samples.pause, fresh=True),
        ),
    ),
    Subject(
        "keys",
        "KeysPage",
        five("keys", CHAIN),
        {
            "end": scrolled("keys"),
            "end-warning": scrolled("keys", State.WARNING),
            "refused": refused("keys"),
        },
    ),
    Subject(
        "network",
        "NetworkPage",
        five("network", CHAIN),
        {
            "end": scrolled("network"),
            "refused": refused("network"),
            "stopped": Shot(worlds.STOPPED, "network", page_shots.settle),
        },
    ),
    Subject("doctor", "DoctorPage", five("doctor", CHAIN), {"refused": refused("doctor")}),
    Subject("alerts", "AlertsPage", five("alerts", CHAIN), {"refused": refused("alerts")}),
    Subject(
        "settings",
        "SettingsPage",
        five("settings", CHAIN, failed=refused("settings")),
        {
            "end": scrolled("settings"),
            "doors": Shot(CHAIN[State.OK], "settings", page_shots.scroll_to_doors),
            **{
                f"updates-{name}": Shot(world, "settings", page_shots.scroll_to_updates)
                for name, world in UPDATES.items()
            },
            "updates-downloading": Shot(
                UPDATES["newer"], "settings", page_shots.download_update, fresh=True
            ),
        },
    ),
    Subject(
        "obol-overview",
        "ObolPage",
        five("overview", worlds.SHARED),
        {
            "waiting": Shot(worlds.WAITING, "overview"),
            "invited": Shot(worlds.INVITED, "overview"),
            "wrong": Shot(worlds.WRONG, "overview"),
            "confirm": Shot(worlds.TO_CONFIRM, "overview"),
            "stopped": Shot(worlds.REST, "overview"),
            "end": Shot(worlds.SHARED[State.OK], "overview", page_shots.scroll_down),
        },
    ),
    Subject(
        "obol-charts",
        "ObolChartsPage",
        five(
            "charts",
            worlds.SHARED,
            failed=Shot(worlds.REFUSING_SHARED, "charts", page_shots.settle),
        ),
    ),
    Subject("obol-logs", "ObolLogsPage", five("logs", worlds.SHARED)),
    Subject("obol-keys", "ObolKeysPage", five("keys", worlds.SHARED)),
    Subject(
        "obol-doctor",
        "ObolDoctorPage",
        five("doctor", worlds.SHARED),
        {"refused": Shot(worlds.REFUSING_SHARED, "doctor", page_shots.settle)},
    ),
]
