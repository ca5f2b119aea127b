# SPDX-License-Identifier: Apache-2.0
"""What happened, why, and what to do: the one shape in which trouble reaches a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar


def _untranslated(template: str) -> str:
    return template


def _as_it_is(_name: str, fact: object) -> object:
    return fact


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sentence for a person, as templates and the facts that fill them.

    The templates stay whole so that a front end can translate them before they are filled.
    Facts never hold a secret: they also go to the log.
    """

    code: str
    what: str
    why: str = ""
    todo: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    def filled(
        self,
        translate: Callable[[str], str] = _untranslated,
        shown: Callable[[str, object], object] = _as_it_is,
    ) -> tuple[str, str, str]:
        """Return (what, why, todo) with the facts filled in, each possibly empty.

        `translate` is given the templates, `shown` the name and value of each fact.
        """
        facts = _Facts({name: shown(name, fact) for name, fact in self.facts.items()})
        facts.unknown = translate("unknown")
        what, why, todo = (
            translate(part).format_map(facts) if part else ""
            for part in (self.what, self.why, self.todo)
        )
        return what, why, todo

    def __str__(self) -> str:
        return " ".join(part for part in self.filled() if part)


class _Facts(dict[str, object]):
    """Facts by name; a missing one reads "unknown" instead of hiding the whole sentence."""

    unknown = "unknown"

    def __missing__(self, key: str) -> str:
        return self.unknown


class OneClickError(Exception):
    """Root of the errors that cross a boundary of the engine.

    A subclass states its sentences as class attributes with `{fact}` places; an instance
    carries the facts as keywords: `raise PortTaken(port=26656, holder="gaiad (4121)")`.
    """

    code: ClassVar[str] = "error"
    what: ClassVar[str] = "Something failed."
    why: ClassVar[str] = ""
    todo: ClassVar[str] = ""

    def __init__(self, **facts: object) -> None:
        super().__init__()
        self.facts = facts

    @property
    def explanation(self) -> Explanation:
        """The sentences and facts of this error."""
        return Explanation(self.code, self.what, self.why, self.todo, self.facts)

    def __str__(self) -> str:
        return str(self.explanation)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.explanation})"

    def __reduce__(self) -> tuple[Callable[..., OneClickError], tuple[object, ...]]:
        return _rebuild, (type(self), self.facts)


class Explained(OneClickError):
    """An explanation that was made elsewhere, as an error."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(**explanation.facts)
        self._explanation = explanation

    @property
    def explanation(self) -> Explanation:
        """What it was made of."""
        return self._explanation

    def __reduce__(self) -> tuple[Callable[..., OneClickError], tuple[object, ...]]:
        return Explained, (self._explanation,)


def _rebuild(kind: type[OneClickError], facts: dict[str, object]) -> OneClickError:
    return kind(**facts)
