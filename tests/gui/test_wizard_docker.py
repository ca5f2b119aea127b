# SPDX-License-Identifier: Apache-2.0
"""The wizard says before anything is made whether a network runs in Docker, and if it can."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from desktop.look.glyphs import Glyph
from desktop.pages.first_run import FirstRun
from desktop.window import MainWindow
from desktop.wizard.runs import runs_words
from node_manager.layout import Layout
from node_manager.networks import profile as profile_module
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.profile import Profile
from node_manager.runtime.docker.engine import EngineState
from node_manager.runtime.docker.errors import EngineAbsent
from tests.gui.conftest import Opened
from tests.helpers import wizard as steps
from tests.helpers.fake_engine import FakeEngine

ANSWERS = EngineState("unix:///var/run/docker.sock", "28.1.0")
ABSENT = EngineState("unix:///x", trouble=EngineAbsent(address="unix:///x"))


@pytest.fixture
def profiles(layout: Layout) -> list[Profile]:
    return Catalogue(layout).profiles()


def contained(profiles: list[Profile]) -> list[Profile]:
    """The same networks, the one that is chosen in a container."""
    return [
        replace(one, own=one.own.model_copy(update={"runtime": "docker"}))
        if one.id == steps.NETWORK
        else one
        for one in profiles
    ]


def cards_of(window: MainWindow, qtbot: QtBot) -> FirstRun:
    wizard = window.outer.currentWidget()
    assert isinstance(wizard, FirstRun)
    qtbot.waitUntil(lambda: bool(wizard.network.cards))
    steps.settle()
    return wizard


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (ANSWERS, "Docker 28.1.0 answers here."),
        (ABSENT, "Docker does not run on this computer. Install Docker or start it"),
        (None, "Whether Docker answers here is not known yet."),
    ],
)
def test_card_and_summary_say_that_it_runs_in_docker_and_whether_docker_answers(
    open_window: Opened,
    qtbot: QtBot,
    profiles: list[Profile],
    state: EngineState | None,
    told: str,
) -> None:
    engine = FakeEngine(profiles=contained(profiles))
    engine.docker = state
    window = open_window(engine)
    card = cards_of(window, qtbot).network.cards[steps.NETWORK]
    assert card.contained.isVisible()
    assert card.runs.text().startswith("It runs in a container, as the network wants it.")
    assert told in card.runs.text()
    wizard = steps.summary(window)
    facts = dict(wizard.summary.facts())
    assert told in facts["Runs"]


def test_a_network_with_a_program_for_this_computer_says_nothing_of_docker(
    open_window: Opened, qtbot: QtBot, profiles: list[Profile]
) -> None:
    engine = FakeEngine(profiles=profiles)
    engine.docker = ABSENT
    window = open_window(engine)
    wizard = cards_of(window, qtbot)
    assert not any(card.contained.isVisible() for card in wizard.network.cards.values())
    assert dict(steps.summary(window).summary.facts())["Runs"] == "as a program of this computer"


def test_a_platform_without_a_program_is_named_as_the_reason(
    look: None, profiles: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = next(one for one in profiles if one.id == "localnet")
    program = {"linux/amd64": "https://releases.example/posd.tar.gz"}
    base = one.chain.codebase.model_copy(update={"binaries": program})
    published = replace(one, chain=one.chain.model_copy(update={"codebase": base}))
    monkeypatch.setattr(profile_module, "this_target", lambda: "darwin/arm64")
    monkeypatch.setattr(profile_module, "container_target", lambda: "linux/amd64")
    monkeypatch.setattr("node_manager.node.way.this_target", lambda: "darwin/arm64")
    glyph, words = runs_words(published, ABSENT)
    assert glyph is Glyph.BAD
    assert words.startswith("It runs in a container: no program is published for this computer.")
