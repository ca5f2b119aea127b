# SPDX-License-Identifier: Apache-2.0
"""How hard a passphrase is to guess (zxcvbn), in words for a person."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from node_manager.keys.errors import PassphraseUnusable, PassphraseWeak
from node_manager.keys.secret import SecretBytes

MINIMUM_SCORE = 3
"""zxcvbn's "safely unguessable": moderate protection from offline attack on a slow hash."""

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 1024
_JUDGED_LENGTH = 72
"""zxcvbn refuses more, as its time grows with the length."""

_WORDS = (
    "guessed at once",
    "guessed within hours",
    "guessed with some effort",
    "hard to guess",
    "very hard to guess",
)
_NOT_TEXT = "It holds characters that are not text."
_OWN_WORDS = ["validator", "oneclick", "one-click", "omniphi", "cosmos", "passphrase", "consensus"]


@dataclass(frozen=True, slots=True)
class Strength:
    """The judgement of one passphrase.

    Attributes:
        score: 0 (guessed at once) to 4 (very hard to guess).
        words: the score in words.
        hint: how to do better, empty when there is nothing to say.
        acceptable: whether it may guard a key or a backup.
    """

    score: int
    words: str
    hint: str
    acceptable: bool


def strength(text: str) -> Strength:
    """Judge `text`. The word lists load on the first call (about 0.1 s): call off the loop."""
    if not text:
        return Strength(0, _WORDS[0], "", False)
    from zxcvbn import zxcvbn

    result = zxcvbn(text[:_JUDGED_LENGTH], user_inputs=_OWN_WORDS)
    score = int(result["score"])
    feedback = result["feedback"]
    hints = [feedback["warning"], *feedback["suggestions"]]
    hint = " ".join(f"{part.rstrip('.')}." for part in hints if part)
    if len(text) < MINIMUM_LENGTH:
        return Strength(min(score, MINIMUM_SCORE - 1), "too short", hint, False)
    return Strength(score, _WORDS[score], hint, score >= MINIMUM_SCORE)


def require_strong(text: str) -> None:
    """Refuse a passphrase that is too easy to guess.

    Raises:
        PassphraseWeak: it is below the minimum.
    """
    judged = strength(text)
    if not judged.acceptable:
        raise PassphraseWeak(words=judged.words, hint=judged.hint)


def as_text(secret: SecretBytes) -> str:
    """The text of a passphrase that arrived as UTF-8 bytes.

    Raises:
        PassphraseUnusable: they are not UTF-8.
    """
    try:
        return secret.reveal().decode()
    except UnicodeDecodeError:
        raise PassphraseUnusable(reason=_NOT_TEXT) from None


def encode(text: str) -> bytearray:
    """The bytes of a passphrase: Unicode NFC (RFC 8265), UTF-8, the same on every keyboard.

    Raises:
        PassphraseUnusable: it is empty, far too long or not text.
    """
    if not text:
        raise PassphraseUnusable(reason="It is empty.")
    if len(text) > MAXIMUM_LENGTH:
        raise PassphraseUnusable(reason=f"It has more than {MAXIMUM_LENGTH} characters.")
    try:
        return bytearray(unicodedata.normalize("NFC", text).encode())
    except UnicodeEncodeError:
        raise PassphraseUnusable(reason=_NOT_TEXT) from None
