# SPDX-License-Identifier: Apache-2.0
"""The texts of another language, as a translator of Qt's.

Files: `resources/translations/LANGUAGE.json`, an object a context ("desktop", "engine") of source
text to translation.
"""

from __future__ import annotations

import json

from PySide6.QtCore import QCoreApplication, QLocale, QObject, QTranslator

from node_manager.networks.bundled import resources

SOURCE_LANGUAGE = "en"


class Catalogue(QTranslator):
    """Knows one language; what it does not know stays English."""

    def __init__(self, texts: dict[str, dict[str, str]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._texts = texts

    def translate(
        self, context: str, source: str, _disambiguation: str | None = None, _count: int = -1
    ) -> str:
        """The translation; the source where there is none (an empty text would be taken as one)."""
        return self._texts.get(context, {}).get(source, source)

    def isEmpty(self) -> bool:
        """Whether there is nothing in it."""
        return not self._texts


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
