# SPDX-License-Identifier: Apache-2.0
"""Texts of the window in the person's language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale

if TYPE_CHECKING:
    from node_manager.explanation import Explanation

WINDOW = "desktop"
"""Context of the window's own texts."""

ENGINE = "engine"
"""Context of the templates that the engine explains itself with, and of its words of state."""


def tr(text: str) -> str:
    """`text` in the person's language; places in braces are filled afterwards."""
    return QCoreApplication.translate(WINDOW, text)


def engine_words(text: str) -> str:
    """Words that the engine gave ("in step", "2 public nodes"), in the person's language."""
    return QCoreApplication.translate(ENGINE, text) if text else ""


def explained(explanation: Explanation) -> tuple[str, str, str]:
    """What, why and what to do, translated and filled; why and what to do may be empty."""
    return explanation.filled(engine_words, shown_fact)


DATA = frozenset({"name", "moniker", "path", "folder", "file", "url", "command", "account"})
"""Facts that are never words of ours, even where they read alike."""

COUNTS = frozenset(
    {
        "height", "current_height", "network", "network_height", "recorded", "given", "seen",
        "count", "signed", "missed", "window", "limit", "left", "needed", "free", "total", "done",
    }
)  # fmt: skip
"""Facts that are counts: large ones are written as the person's locale does. A port is none."""


MEASURES = frozenset({"free", "total", "needed", "left", "megabytes"})
"""Facts that are measured, in English digits: "9.9" GB."""

DECIMAL = re.compile(r"\d+\.\d+")


def shown_fact(name: str, fact: object) -> object:
    """A fact in a sentence: words in the person's language, counts in its digits."""
    if isinstance(fact, OSError) and fact.strerror:
        told = engine_words(fact.strerror)
        return told if fact.filename is None else f"{told}: {fact.filename}"
    if isinstance(fact, str):
        if name in MEASURES and DECIMAL.fullmatch(fact):
            return QLocale().toString(float(fact), "f", len(fact.partition(".")[2]))
        return fact if name in DATA else engine_words(fact)
    if isinstance(fact, int) and not isinstance(fact, bool) and name in COUNTS:
        return QLocale().toString(fact)
    return fact
