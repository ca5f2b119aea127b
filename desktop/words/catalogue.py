# SPDX-License-Identifier: Apache-2.0
"""The texts of another language, as a translator of Qt's.

Files: `resources/translations/LANGUAGE.json`, an object a context ("desktop", "engine") of source
text to translation.
"""

from __future__ import annotations

import json
import re
from functools import cached_property

from PySide6.QtCore import QCoreApplication, QLocale, QObject, QTranslator

from desktop.words.filled import LISTED, PLACE, SENTENCE, Templates
from desktop.words.translation import ENGINE, shown_fact
from node_manager.networks.bundled import resources

SOURCE_LANGUAGE = "en"

REMEMBERED = 2000
"""Texts of the engine whose translations are kept: a window shows the same ones again and again."""


class Catalogue(QTranslator):
    """Knows one language; what it does not know stays English."""

    def __init__(self, texts: dict[str, dict[str, str]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._engine = texts.get(ENGINE, {})
        self._known: dict[str, str] = {}

    def translate(
        self, context: str, source: str, _disambiguation: str | None = None, _count: int = -1
    ) -> str:
        """The translation; the source where there is none (an empty text would be taken as one)."""
        if context == ENGINE:
            return self._engine.get(source) or self._built(source)
        return self._texts.get(context, {}).get(source, source)

    def isEmpty(self) -> bool:
        """Whether there is nothing in it."""
        return not self._texts

    @cached_property
    def _templates(self) -> Templates:
        return Templates(self._engine)

    def _built(self, text: str) -> str:
        """The translation of a text that the engine built while running."""
        if text not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[text] = (
                self._filled(text)
                or self._in_parts(text, SENTENCE, " ")
                or self._in_parts(text, LISTED, "; ")
                or self._filled(text, whole=True)
                or text
            )
        return self._known[text]

    def _filled(self, text: str, *, whole: bool = False) -> str:
        found = self._templates.of(text, whole=whole)
        if found is None:
            return ""
        template, places = found
        shown = {name: shown_fact(name, _number(value)) for name, value in places.items()}
        return PLACE.sub(lambda place: str(shown[place[1]]), self._engine[template])

    def _in_parts(self, text: str, boundary: re.Pattern[str], between: str) -> str:
        """`text` with each part translated by itself; empty where none is known."""
        parts = boundary.split(text)
        said = [self.translate(ENGINE, part) for part in parts] if len(parts) > 1 else parts
        return between.join(said) if said != parts else ""


def _number(value: str) -> int | str:
    return int(value) if value.isascii() and value.isdecimal() else value


def read_catalogue(language: str) -> dict[str, dict[str, str]]:
    """The texts of a language such as "de"; empty where there are none."""
    file = resources() / "translations" / f"{language}.json"
    try:
        texts: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return texts


_spoken: list[Catalogue] = []
"""Kept here: to look for it among the app's children would make Qt's style known to Python."""


def speak(app: QCoreApplication, texts: dict[str, dict[str, str]]) -> None:
    """Let the app speak `texts` instead of those before; without any, the source language."""
    while _spoken:
        before = _spoken.pop()
        app.removeTranslator(before)
        before.deleteLater()
    if texts:
        _spoken.append(Catalogue(texts, app))
        app.installTranslator(_spoken[-1])


def language_of(choice: str) -> str:
    """The language of a choice: "system" or a code such as "de" or "de_CH"."""
    name = QLocale.system().name() if choice == "system" else choice
    return name.partition("_")[0].partition("-")[0].lower() or SOURCE_LANGUAGE
