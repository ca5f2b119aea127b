# SPDX-License-Identifier: Apache-2.0
"""Taking secrets out of text that leaves this computer."""

from __future__ import annotations

import re
from pathlib import Path

HIDDEN = "(hidden)"

_NAMES = (
    r"[\w.-]*(?:pass(?:word|phrase|wd)|secret|token|mnemonic|authorization|priv(?:ate)?_?key"
    r"|seed_phrase|api_?key|webhook|cookie)[\w.-]*"
)
_NAMED = re.compile(
    rf"(?P<name>[\"']?{_NAMES}[\"']?\s*[:=]\s*)"
    r"(?P<value>\{[^{}]*\}|\[[^\[\]]*\]|\"(?:[^\"\\]|\\.)*\"|'[^']*'|(?:Bearer\s+)?[^\s,;}\]]+)",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE)
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/@:]+(?::[^\s/@]*)?@", re.IGNORECASE)
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.S)
_WORDS = re.compile(r"\b(?:[a-z]{3,8} ){11,23}[a-z]{3,8}\b")
"""Twelve to twenty-four short words in a row, all of them lower-case: a recovery phrase's shape."""


def redact(text: str) -> str:
    """`text` without values of secret names, tokens, private keys, recovery phrases.

    The person's home folder reads "~": their name need not travel.
    """
    text = _PEM.sub(HIDDEN, text)
    text = _NAMED.sub(lambda found: found["name"] + _quoted(found["value"]), text)
    text = _BEARER.sub(lambda found: f"{found[1]} {HIDDEN}", text)
    text = _USERINFO.sub(lambda found: f"{found['scheme']}{HIDDEN}@", text)
    text = _WORDS.sub(HIDDEN, text)
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 3 else text


def _quoted(value: str) -> str:
    quote = value[0] if value[:1] in "\"'" else ""
    return f"{quote}{HIDDEN}{quote}"
