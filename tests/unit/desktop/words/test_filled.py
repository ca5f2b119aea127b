# SPDX-License-Identifier: Apache-2.0
"""A text that was filled before it came to the window is translated all the same."""

from __future__ import annotations

import ast
import errno
import os
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest
from PySide6.QtWidgets import QApplication

import bridge
import node_manager
from desktop.app import set_language
from desktop.none_guard import guard_none
from desktop.words.catalogue import read_catalogue
from desktop.words.filled import PLACE, recognisable
from desktop.words.translation import engine_words, explained
from node_manager.checks.result import CheckResult, CheckState, PreflightFailed, require
from node_manager.cosmos.known import KNOWN_FAILURES
from node_manager.errors import FileTrouble, MonikerRefused
from node_manager.explanation import Explanation, OneClickError
from node_manager.obol.errors import DkgFailed
from tests.helpers.texts import ROOT, engine_modules, engine_texts
from tests.helpers.unshown import MODULES
from tests.helpers.written import glued, written

guard_none()
GERMAN = read_catalogue("de")["engine"]
TEMPLATES = sorted(text for text in engine_texts() if PLACE.search(text) and recognisable(text))
APART = ("orchestrator", "localnet", "cli")


@pytest.fixture(autouse=True)
def german(qapp: QApplication) -> Iterator[None]:
    set_language(qapp, "de")
    yield
    set_language(qapp, "en")


def test_what_fills_a_text_is_kept_and_the_text_is_german() -> None:
    assert engine_words("It is longer than 70 bytes.") == "Er ist länger als 70 Bytes."
    assert (
        engine_words("regression: 3991020/0/2 asked, 3991021/0/1 recorded")
        == "Rückschritt: 3.991.020/0/2 verlangt, 3991021/0/1 schon signiert"
    )


def test_words_that_fill_a_text_are_german_too() -> None:
    assert (
        engine_words("Its member '../x' leaves the folder.")
        == "Sein Eintrag '../x' führt aus dem Ordner hinaus."
    )
    assert (
        engine_words("configuration as it was, state sync from block 812")
        == "Konfiguration wie zuvor, State Sync ab Block 812"
    )


def test_each_of_several_sentences_and_of_a_list_is_found() -> None:
    assert (
        engine_words("It holds 'x' twice. Nothing was changed. It is empty.")
        == "Es enthält 'x' zweimal. Nothing was changed. Leer."
    )
    told = "the field fees of chain.json has no port; the field name of chain.json is missing"
    assert (
        engine_words(told)
        == "das Feld fees von chain.json hat keinen Port; das Feld name von chain.json fehlt"
    )


@pytest.mark.parametrize(
    "text",
    [
        "panic: runtime error: index out of range [3]",
        "The validator has not started.",
        "dial tcp 10.0.0.4:26657: connect: no route",
        "my-validator",
        "",
    ],
)
def test_what_others_say_stays_as_it_is(text: str) -> None:
    assert engine_words(text) == text


def test_each_text_is_known_by_its_template() -> None:
    assert len(TEMPLATES) > 400
    wrong = {text: told for text in TEMPLATES if (told := _told_otherwise(text))}
    assert wrong == {}


def _told_otherwise(text: str) -> str | None:
    """What is told for `text` once its places are filled, None where that is its translation."""
    facts = {place[1]: f"x{at}y" for at, place in enumerate(PLACE.finditer(text))}

    def fill(template: str) -> str:
        return PLACE.sub(lambda place: facts[place[1]], template)

    told = engine_words(fill(text))
    return None if told == fill(GERMAN[text]) else told


def test_the_engine_glues_no_text_together() -> None:
    """Parts cannot be translated: a whole text with places can."""
    found = {
        path.name: [*glued(tree)]
        for path, tree in engine_modules()
        if path.relative_to(ROOT).as_posix() not in MODULES
    }
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_a_text_that_is_built_while_running_is_found_in_the_sources() -> None:
    source = """
log.info("not for a person {x}")
raise Refused(reason=f"It weighs {len(parcel)} of {limit:.1f} kg.")
why = "neither fish nor flesh" if cold else f"nothing at {error.strerror or error}"
"""
    assert set(written(ast.parse(source))) == {
        "It weighs {parcel} of {limit} kg.",
        "neither fish nor flesh",
        "nothing at {error}",
    }


def is_german(text: str) -> bool:
    """Whether a text of the engine is translated, or has no word of its own."""
    own = PLACE.sub("", text)
    return not any(map(str.islower, own)) or engine_words(text) != text


def errors() -> list[type[OneClickError]]:
    """Every error that can come to the window."""
    for package in (node_manager, bridge):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if not set(APART) & set(module.name.split(".")) and "__main__" not in module.name:
                import_module(module.name)

    def below(kind: type[OneClickError]) -> Iterator[type[OneClickError]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    ours = {node_manager.__name__, bridge.__name__}  # not those that other tests have made
    places = {one: one.__module__.split(".") for one in below(OneClickError)}
    return [one for one, at in places.items() if at[0] in ours and not set(APART) & set(at)]


def test_each_error_is_explained_in_german() -> None:
    english = [text for kind in errors() for text in (kind.what, kind.why, kind.todo)]
    assert [text for text in english if not is_german(text)] == []


def test_each_known_failure_of_a_node_is_explained_in_german() -> None:
    assert len(KNOWN_FAILURES) > 30
    english = [text for one in KNOWN_FAILURES for text in (one.what, one.why, one.todo)]
    assert [text for text in english if not is_german(text)] == []


def test_a_reason_within_a_reason_is_german() -> None:
    assert explained(MonikerRefused(reason="It is longer than 70 bytes.").explanation)[1] == (
        "Er ist länger als 70 Bytes."
    )
    port = Explanation(
        "port-taken",
        "Port {port} ({service}) is taken by {holder}.",
        "Only one program can listen there.",
        facts={"port": 26656, "service": "P2P", "holder": "gaiad (process 4121)"},
    )
    with pytest.raises(PreflightFailed) as failed:
        require([CheckResult(name, name, CheckState.FAIL, port) for name in ("a", "b")])
    what, why, _todo = explained(failed.value.explanation)
    assert "Port 26656 (P2P) ist von gaiad (Prozess 4121) belegt." in what
    assert "Nur ein Programm kann dort lauschen." in why
    assert why.endswith("Eine weitere Prüfung ist fehlgeschlagen; der Doktor zeigt sie.")
    ceremony = DkgFailed(first="A peer was lost in the middle of the ceremony.").explanation
    assert explained(ceremony)[0].endswith("Ein Peer ging mitten in der Zeremonie verloren.")


def test_what_the_system_says_is_german() -> None:
    refused = FileTrouble(reason=OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/x"))
    assert explained(refused.explanation)[1] == "Auf der Platte ist kein Platz mehr: /data/x"
    measured = Explanation("x", "Only {free} GB are free.", facts={"free": "61.5"})
    assert explained(measured)[0] == "Nur 61,5 GB sind frei."
