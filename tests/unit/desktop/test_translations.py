# SPDX-License-Identifier: Apache-2.0
"""The app speaks German as fully as it speaks English."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QApplication

from desktop.app import set_language
from desktop.catalogue import language_of, read_catalogue
from desktop.none_guard import guard_none
from desktop.translation import engine_words, explained, tr
from desktop.wording import size
from node_manager.explanation import Explanation
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
