# SPDX-License-Identifier: Apache-2.0
"""Texts of the window in the person's language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from node_manager.explanation import Explanation

WINDOW = "desktop"
"""Context of the window's own texts."""

ENGINE = "engine"
"""Context of the templates that the engine explains itself with, and of its words of state."""


def tr(text: str) -> str:
    """`text` in the person's language; places in braces are filled afterwards."""
    return QCoreApplication.translate(WINDOW, text)


NUMBER = re.compile(r"\d+")


def engine_words(text: str) -> str:
    """Words that the engine gave ("in step", "2 public nodes"), in the person's language.

    A number in them is put into the translation of the same words with "{number}".
    """
    if not text:
        return ""
    words = QCoreApplication.translate(ENGINE, text)
    if words == text and (number := NUMBER.search(text)) is not None:
        template = NUMBER.sub("{number}", text, count=1)
        other = QCoreApplication.translate(ENGINE, template)
        return text if other == template else other.replace("{number}", number.group())
    return words


def explained(explanation: Explanation) -> tuple[str, str, str]:
    """What, why and what to do, translated and filled; why and what to do may be empty."""
    return explanation.filled(engine_words)
