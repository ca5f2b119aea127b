# SPDX-License-Identifier: Apache-2.0
"""Texts of the window in the person's language."""

from __future__ import annotations

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


def engine_words(text: str) -> str:
    """Words that the engine gave ("in step", "accepted"), in the person's language."""
    return QCoreApplication.translate(ENGINE, text) if text else ""


def explained(explanation: Explanation) -> tuple[str, str, str]:
    """What, why and what to do, translated and filled; why and what to do may be empty."""
    return explanation.filled(engine_words)
