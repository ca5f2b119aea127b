# SPDX-License-Identifier: Apache-2.0
"""Every text that a person may read, found in the sources: `python -m tests.helpers.texts`."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from desktop.words.filled import SENTENCE
from desktop.words.translation import DATA
from node_manager.obol.status import DvStage
from node_manager.state import NodeState
from tests.helpers.unshown import MODULES, UNSHOWN
from tests.helpers.written import written

ROOT = Path(__file__).resolve().parents[2]

PLACES = re.compile(r"\{[^}]*\}")

SENTENCES = {"what", "why", "todo"}
"""Class attributes of errors, and keywords of explanations."""

AT_THE_DOORS = {"orchestrator", "localnet", "cli", "web", "server"}
"""Folders whose errors answer programs, in English; no window shows their facts."""

WORDS_BY_NAME = re.compile(r"(words|texts|titles)$", re.IGNORECASE)
"""Tables of words: MODE_WORDS, TITLES. They are read whatever their length."""

SOURCES = {"SOURCE", "OWN"}
"""Constants that name where a figure comes from."""

CALLS: dict[str, tuple[int, ...]] = {
    "Explanation": (1, 2, 3),
    "good": (1, 2),
    "not_known": (1, 2, 3),
    "CheckResult": (1,),
    "unknown": (0, 1),
    "DoorChanged": (2,),
    "_tell": (1,),
    "working": (1,),
}
"""Calls of the engine whose arguments at these places are read by a person."""


def window_texts() -> set[str]:
    """What the window says through `tr`."""
    found: set[str] = set()
    for path in sorted((ROOT / "desktop").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _name(node) == "tr" and node.args:
                found |= set(_strings(node.args[0]))
    return {text for text in found if text.strip()}


def engine_texts() -> set[str]:
    """What the engine and the doors explain themselves with."""
    found: set[str] = set()
    for path, tree in engine_modules():
        found |= _of_module(tree)
        if path.relative_to(ROOT).as_posix() not in MODULES:
            found |= set(written(tree))
    for path in sorted((ROOT / "desktop").rglob("*.py")):
        found |= _of_module(ast.parse(path.read_text("utf-8")))
    found |= (
        fact_texts()
        | profile_texts()
        | {state.value for state in (*NodeState, *DvStage)}
        | {"unknown"}
    )
    return {
        text for text in found - UNSHOWN if any(sign.isalpha() for sign in PLACES.sub("", text))
    }


def engine_modules() -> Iterator[tuple[Path, ast.Module]]:
    """The modules whose words can come to the window."""
    for folder in ("node_manager", "bridge"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            apart = {"orchestrator", "localnet", "cli"} & set(path.parts)
            if not apart or path.name == "launch.py":
                yield path, ast.parse(path.read_text("utf-8"))


def profile_texts() -> set[str]:
    """What the networks that come with the app say of themselves."""
    profiles = (ROOT / "resources" / "networks").glob("*/oneclick.json")
    told = [json.loads(path.read_text("utf-8")) for path in profiles]
    said = [one.get("description", "") for one in told]
    said += [one.get("needs", {}).get("source", "") for one in told]
    return {part for text in said for part in SENTENCE.split(text) if part}


def fact_texts() -> set[str]:
    """Words that errors and explanations fill their sentences with."""
    trees = [
        ast.parse(path.read_text("utf-8"))
        for folder in ("node_manager", "bridge")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not AT_THE_DOORS & set(path.parts)
    ]
    parents = {
        node.name: {_named(base) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }

    def explains(name: str) -> bool:
        above = parents.get(name, set())
        return name in ("OneClickError", "Explanation") or any(map(explains, above))

    return {
        text
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and explains(_name(node))
        for name, value in _facts_of(node)
        if name not in DATA
        for text in _strings(value)
    }


def _facts_of(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    for keyword in call.keywords:
        if keyword.arg is not None and keyword.arg not in SENTENCES | {"code", "facts"}:
            yield keyword.arg, keyword.value
    dicts = [*call.args, *(one.value for one in call.keywords if one.arg == "facts")]
    for given in dicts:
        if isinstance(given, ast.Dict):
            for key, value in zip(given.keys, given.values, strict=True):
                if isinstance(key, ast.Constant):
                    yield str(key.value), value


def _named(base: ast.expr) -> str:
    return base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")


def _of_module(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                name, value = _assigned(part)
                if name in SENTENCES and value is not None:
                    found |= set(_strings(value))
        elif isinstance(node, ast.Call):
            name = _name(node)
            for place in CALLS.get(name, ()):
                if place < len(node.args):
                    found |= set(_strings(node.args[place]))
            for keyword in node.keywords:
                if keyword.arg in SENTENCES | {"note"}:
                    found |= set(_strings(keyword.value))
        elif isinstance(node, ast.Assign):
            found |= _of_assignment(node)
        elif isinstance(node, ast.AnnAssign):
            continue
    return found


def _of_assignment(node: ast.Assign) -> set[str]:
    target = node.targets[0]
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        names = [one.id if isinstance(one, ast.Name) else "" for one in target.elts]
        pairs = zip(names, node.value.elts, strict=False)
        return {text for name, value in pairs if name == "title" for text in _strings(value)}
    if isinstance(target, ast.Name) and target.id in SOURCES:
        return set(_strings(node.value))
    if isinstance(target, ast.Name) and isinstance(node.value, ast.Dict):
        named = WORDS_BY_NAME.search(target.id)
        return {text for value in node.value.values for text in _strings(value) if named}
    return set()


def _assigned(part: ast.stmt) -> tuple[str, ast.expr | None]:
    if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
        return part.targets[0].id, part.value
    if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
        return part.target.id, part.value
    return "", None


def _name(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _strings(value: ast.expr) -> Iterator[str]:
    """Constant texts, those of both branches of a choice included."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _strings(value.body)
        yield from _strings(value.orelse)
    elif isinstance(value, ast.BoolOp):
        for part in value.values:
            yield from _strings(part)


if __name__ == "__main__":
    told = {"desktop": sorted(window_texts()), "engine": sorted(engine_texts())}
    known = json.loads(Path(sys.argv[1]).read_text("utf-8")) if len(sys.argv) > 1 else {}
    for context, texts in told.items():
        for text in texts:
            if text not in known.get(context, {}):
                print(f"{context}\t{json.dumps(text, ensure_ascii=False)}")
