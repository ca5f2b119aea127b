# SPDX-License-Identifier: Apache-2.0
"""Passphrases on their way from a field to the engine, and how strong a new one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from desktop.translation import tr

if TYPE_CHECKING:
    from node_manager.keys.secret import SecretBytes

LEAST_SCORE = 3
"""zxcvbn score from which guessing takes more than 10^8 tries; Argon2id makes each one slow."""


def secret_of(field: QLineEdit) -> SecretBytes:
    """Take the passphrase out of `field`, which is empty afterwards."""
    from node_manager.keys.secret import SecretBytes

    secret = SecretBytes(bytearray(field.text().encode()))
    field.clear()
    return secret


@dataclass(frozen=True, slots=True)
class Strength:
    """How hard a passphrase is to guess: score 0 to 4, and in words."""

    score: int
    words: str

    @property
    def enough(self) -> bool:
        """Whether it may protect a key."""
        return self.score >= LEAST_SCORE


def strength_of(text: str) -> Strength:
    """Judge a passphrase by zxcvbn; only its first 72 characters count."""
    if not text:
        return Strength(0, "")
    from zxcvbn import zxcvbn

    score = int(zxcvbn(text[:72])["score"])
    words = (
        tr("very weak: guessed at once"),
        tr("weak: guessed within hours"),
        tr("fair: not enough for a key"),
        tr("strong"),
        tr("very strong"),
    )
    return Strength(score, words[score])
