# SPDX-License-Identifier: Apache-2.0
"""Every text of several words that a module of the engine is written with, filled ones included."""

from __future__ import annotations

import ast
import keyword
import re
from collections import Counter
from collections.abc import Iterator

from desktop.words.filled import PLACE, WORD, recognisable
from tests.helpers.unshown import ARGUMENTS, CALLS, KEYWORDS

IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
PATTERN_OR_PAGE = re.compile(r"\(\?P<|</\w+>")
QUOTED = re.compile(r"""f?'[^']*'|f?"[^"]*\"""")

Module = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def written(tree: ast.Module) -> Iterator[str]:
    """The texts with two words at least; not what stands for readers of the code or for a log."""
    for node in _told(tree):
        text = template_of(node)
        if text is None or " " not in text.strip() or not WORD.search(text):
            continue
        if PATTERN_OR_PAGE.search(text):
            continue
        if recognisable(text) if PLACE.search(text) else len(text.split()) > 1:
            yield text


def glued(tree: ast.Module) -> Iterator[str]:
    """Texts that are put together from parts: nothing can translate them."""
    for node in _told(tree, ast.BinOp, ast.AugAssign):
        parts = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.value]  # type: ignore[attr-defined]
        adds = isinstance(node.op, ast.Add)  # type: ignore[attr-defined]
        texts = [text for part in parts if (text := template_of(part)) is not None]
        yield from (text for text in texts if adds and recognisable(text))


def template_of(node: ast.AST) -> str | None:
    """A constant text, or one with places named after what its code fills them with."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    met: Counter[str] = Counter()
    parts = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            name = _named(part.value)
            met[name] += 1
            parts.append(f"{{{name}{met[name] if met[name] > 1 else ''}}}")
        elif isinstance(part, ast.Constant):
            parts.append(str(part.value))
    return "".join(parts)


def _named(value: ast.expr) -> str:
    """The last name in an expression: "strerror" of `error.strerror`, "ready" of `len(ready)`."""
    names = IDENTIFIER.findall(QUOTED.sub("", ast.unparse(value)))
    own = [name for name in names if not keyword.iskeyword(name)]
    return str(own[-1]).strip("_").lower() if own else "value"


def _told(node: ast.AST, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    """Texts below `node`, or nodes of other kinds; not what nobody reads in the window."""
    wanted = kinds or (ast.Constant, ast.JoinedStr)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.Call) and _called(child) in CALLS:
            continue
        if isinstance(child, ast.keyword) and child.arg in KEYWORDS:
            continue
        if isinstance(node, ast.Call) and _is_place_apart(node, child):
            continue
        if isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant):
            continue
        if isinstance(child, wanted):
            yield child
        yield from _told(child, *kinds)


def _is_place_apart(call: ast.Call, argument: ast.AST) -> bool:
    places = ARGUMENTS.get(_called(call).rpartition(".")[2], ())
    return argument in [call.args[place] for place in places if place < len(call.args)]


def _called(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return (
            f"{function.value.id if isinstance(function.value, ast.Name) else ''}.{function.attr}"
        )
    return function.id if isinstance(function, ast.Name) else ""
