# SPDX-License-Identifier: Apache-2.0
"""The app speaks German as fully as it speaks English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop.app import set_language
from desktop.none_guard import guard_none
from desktop.words.catalogue import language_of, read_catalogue
from desktop.words.filled import SENTENCE
from desktop.words.translation import engine_words, explained, tr
from desktop.words.wording import size
from node_manager.errors import BusyNode
from node_manager.explanation import Explanation
from node_manager.keys.passphrase import strength
from tests.helpers.texts import engine_texts, window_texts

guard_none()
GERMAN = read_catalogue("de")
TEXTS = {"desktop": window_texts(), "engine": engine_texts()}


@pytest.mark.parametrize("context", ["desktop", "engine"])
def test_no_text_is_missed(context: str) -> None:
    """`python -m tests.helpers.texts resources/translations/de.json` lists them."""
    assert TEXTS[context] - set(GERMAN[context]) == set()


@pytest.mark.parametrize("context", ["desktop", "engine"])
def test_every_translation_has_the_places_of_its_source(context: str) -> None:
    def places(text: str) -> list[str]:
        return sorted(re.findall(r"{[^}]*}", text))

    wrong = [one for one, other in GERMAN[context].items() if places(one) != places(other)]
    assert wrong == []


def test_the_search_for_texts_finds_what_a_person_reads() -> None:
    assert "Signing. None of the last {count} blocks missed." in TEXTS["desktop"]
    assert "The key has no verified backup." in TEXTS["engine"]
    assert len(TEXTS["desktop"]) > 500
    assert len(TEXTS["engine"]) > 500


def test_choosing_german_speaks_german_and_back(qapp: QApplication) -> None:
    reason = Explanation("x", "Only {peers} peers are connected.", facts={"peers": 2})
    set_language(qapp, "de")
    try:
        assert tr("Network") == "Netzwerk"
        assert engine_words("The clock is off") == "Die Uhr geht falsch"
        assert explained(reason)[0] == "Nur 2 Peers sind verbunden."
        assert engine_words("2 public nodes") == "2 öffentliche Knoten"
        assert engine_words("answering on localhost:15001") == "antwortet auf localhost:15001"
        assert size(1_500_000_000) == "1,5 GB"
        assert tr("not a text of ours") == "not a text of ours"
    finally:
        set_language(qapp, "en")
    assert tr("Network") == "Network"


def test_a_language_is_told_from_its_code() -> None:
    assert language_of("de_CH") == "de"
    assert language_of("pt-BR") == "pt"
    assert read_catalogue("xx") == {}


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    set_language(qapp, "de")
    yield
    set_language(qapp, "en")


def test_words_among_the_facts_are_german_in_a_german_sentence(german: None) -> None:
    busy = BusyNode(act="Removing the chain data", state="running").explanation
    told = " ".join(explained(busy))
    assert "Das Löschen der Kettendaten" in told
    assert "in Betrieb" in told
    assert "running" not in told
    nothing = Explanation("x", "The node is {state}.")
    assert explained(nothing)[0] == "Der Knoten ist unbekannt."


def test_what_is_data_stays_as_it_is(german: None) -> None:
    path = Explanation("x", "The archive {path} cannot be read.", facts={"path": "running"})
    assert "running" in explained(path)[0]
    facts = {"port": 26656, "service": "p2p", "holder": "gaiad (process 4121)"}
    port = Explanation("x", "Port {port} ({service}) is taken by {holder}.", facts=facts)
    assert "Port 26656" in explained(port)[0]
    said = Explanation("x", "", "It said: {said}", facts={"said": "panic: no such file 12"})
    assert explained(said)[1] == "Es sagte: panic: no such file 12"


def test_large_counts_are_written_as_the_language_does(german: None) -> None:
    told = Explanation(
        "x", "{missed} of the last {window} blocks were missed.",
        facts={"missed": 109, "window": 30_000},
    )  # fmt: skip
    assert "30.000" in explained(told)[0]


def test_each_hint_about_a_passphrase_is_german(german: None) -> None:
    import zxcvbn.feedback

    source = ast.parse(Path(zxcvbn.feedback.__file__).read_text("utf-8"))
    hints = [
        str(node.args[0].value)
        for node in ast.walk(source)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "_"
        and isinstance(node.args[0], ast.Constant)
    ]
    assert len(hints) > 20
    for hint in hints:
        for sentence in SENTENCE.split(f"{hint.rstrip('.')}."):
            assert engine_words(sentence) != sentence, sentence


@pytest.mark.parametrize("text", ["a", "validator1", "seven herons over a quiet harbour"])
def test_the_judgement_of_a_passphrase_is_german(german: None, text: str) -> None:
    judged = strength(text)
    assert engine_words(judged.words) != judged.words
    assert not judged.hint or engine_words(judged.hint) != judged.hint
