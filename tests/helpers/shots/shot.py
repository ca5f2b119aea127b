# SPDX-License-Identifier: Apache-2.0
"""What a picture is: something of the window, in a world, in one of five states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from desktop.window import MainWindow
from node_manager.layout import Layout
from node_manager.obol.status import DvStatus
from node_manager.state import NodeStatus
from tests.helpers.fake_engine import FakeEngine


class State(StrEnum):
    """The states in which everything is to be seen."""

    OK = "ok"
    SYNCING = "syncing"
    WARNING = "warning"
    FAILED = "failed"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class World:
    """What the engine knows; pages that are seen in one world share a window."""

    name: str
    status: Callable[[], NodeStatus] | None = None
    cluster: Callable[[], DvStatus] | None = None
    fill: Callable[[FakeEngine], None] = lambda _engine: None
    files: Callable[[Layout], object] = lambda _layout: None
    opens: bool = True
    """Whether the engine can be opened."""
    past: bool = True
    """Whether figures of the last hour are known."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: a page of a world; `act` brings the window into the wanted state.

    `fresh` asks for a window of its own, because `act` leaves traces in it.
    """

    world: World
    page: str = ""
    act: Callable[[Any], object] = lambda _window: None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """Something to be seen; a state without meaning has its reason in the shot's place.

    Attributes:
        shows: the name of the class in the product.
        states: each of the five.
        more: further pictures by name, of what the five do not show.
    """

    name: str
    shows: str
    states: Mapping[State, Shot | str]
    more: Mapping[str, Shot] = field(default_factory=dict)

    def shots(self) -> dict[str, Shot]:
        """The pictures that can be taken, by the name of their state."""
        five = {str(state): shot for state, shot in self.states.items() if isinstance(shot, Shot)}
        return five | dict(self.more)


def only(why: str, **shots: Shot) -> dict[State, Shot | str]:
    """These states, and for all the others the reason why they have no meaning."""
    return {state: shots.get(state, why) for state in State}


def engine_of(window: MainWindow) -> FakeEngine:
    """The stand-in behind a window."""
    engine = window.context.engine
    if not isinstance(engine, FakeEngine):
        raise AssertionError("pictures are taken with a stand-in")
    return engine
