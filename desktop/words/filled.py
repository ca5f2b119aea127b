# SPDX-License-Identifier: Apache-2.0
"""Texts that were filled before they came to the window, told apart from what fills them.

The engine speaks English to logs and the command line, so a reason that is built while running
arrives as "It is longer than 70 bytes.". Its template stands in the catalogue, and by that it is
known again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

PLACE = re.compile(r"\{(\w+)[^}]*\}")
WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"(?<=\.) +(?=[A-Z0-9“`])")
LISTED = re.compile(r"; ")

LEAST_WORDS, LEAST_LETTERS = 2, 6
"""What a template has of its own; one with less would be found in texts of others."""


def recognisable(template: str) -> bool:
    """Whether a text that fills `template` can be told from any other."""
    words = WORD.findall(PLACE.sub(" ", template))
    return len(words) >= LEAST_WORDS or sum(map(len, words)) >= LEAST_LETTERS


@dataclass(frozen=True)
class Template:
    """A text with places: "It is longer than {bytes} bytes."."""

    text: str

    @cached_property
    def own(self) -> int:
        """How many letters are its own: the more, the surer it is the right one."""
        return len(PLACE.sub("", self.text))

    @cached_property
    def parts(self) -> list[str]:
        """What stands between its places."""
        return re.split(r"\{[^}]*\}", self.text)

    def filled_by(self, text: str) -> dict[str, str] | None:
        """What fills its places in `text`; None where `text` was not made from it."""
        # Most templates end here: a pattern takes a hundred times as long to say no.
        if not text.endswith(self.parts[-1]) or not text.startswith(self.parts[0]):
            return None
        found = self._pattern.fullmatch(text)
        return None if found is None else found.groupdict()

    def fits(self, filled: Mapping[str, str], *, whole: bool) -> bool:
        """Whether what fills it is no more than its places have room for.

        The end of a sentence is too much where `text` has none: "The validator has started." was
        not made from "The validator {name}". So are several sentences, but with `whole`.
        """
        ends = self.text.endswith("}") and not self.text.rpartition("{")[0].endswith(": ")
        if ends and [*filled.values()][-1].endswith("."):
            return False
        return whole or not any(
            SENTENCE.search(one) or LISTED.search(one) for one in filled.values()
        )

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """A place that comes again is filled alike."""
        parts: list[str] = []
        at, met = 0, set[str]()
        for found in PLACE.finditer(self.text):
            name = found[1]
            parts.append(re.escape(self.text[at : found.start()]))
            parts.append(f"(?P={name})" if name in met else f"(?P<{name}>.+?)")
            met.add(name)
            at = found.end()
        return re.compile("".join([*parts, re.escape(self.text[at:])]), re.DOTALL)


class Templates:
    """Finds the template that a text was made from."""

    def __init__(self, texts: Iterable[str]) -> None:
        by_start: dict[str, list[Template]] = defaultdict(list)
        for text in texts:
            if PLACE.search(text) and recognisable(text):
                by_start[_start(text)].append(Template(text))
        anywhere = by_start.pop("", [])
        self._by_start = {start: _best([*near, *anywhere]) for start, near in by_start.items()}
        self._others = _best(anywhere)

    def of(self, text: str, *, whole: bool = False) -> tuple[str, dict[str, str]] | None:
        """The template and what fills it; of several the one with most of its own.

        Args:
            whole: what fills a place may also be several sentences.
        """
        for template in self._by_start.get(_start(text), self._others):
            filled = template.filled_by(text)
            if filled is not None and template.fits(filled, whole=whole):
                return template.text, filled
        return None


def _start(text: str) -> str:
    """The first word, as far as it is not filled; "" where nothing of it is sure."""
    first = text.split(" ", 1)[0]
    return "" if "{" in first else first


def _best(templates: list[Template]) -> list[Template]:
    return sorted(templates, key=lambda template: template.own, reverse=True)
