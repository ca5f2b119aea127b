# SPDX-License-Identifier: Apache-2.0
"""Every way to change one byte of a document's values, one at a time."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each value that is no container, with its path."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from leaves(one, (*path, name))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from leaves(one, (*path, index))
    else:
        yield path, value


def changed(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The document with one byte of one value changed, for every value in it."""
    for path, value in leaves(document):
        other = _other(value)
        if other is None:
            continue
        new = copy.deepcopy(document)
        place = new
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = other
        yield ".".join(str(step) for step in path), new


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value ^ 1
    if isinstance(value, str) and value:
        middle = len(value) // 2
        old = value[middle]
        # of hexadecimal another digit, not another case: an address may have either
        digit = "1" if old != "1" else "2"
        new = digit if value.startswith("0x") else chr(ord(old) ^ 1)
        return value[:middle] + new + value[middle + 1 :]
    return None
