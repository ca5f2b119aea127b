# SPDX-License-Identifier: Apache-2.0
"""What a screen reader is told: Qt's own tree of a window, read as the bridge to it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget

Role = QAccessible.Role


@dataclass(frozen=True, slots=True)
class Spoken:
    """One node, as it was when it was read; its interface does not outlive its widget."""

    identity: int
    role: QAccessible.Role
    name: str
    description: str
    value: str
    hidden: bool
    focusable: bool
    children: tuple[Spoken, ...]

    @property
    def all(self) -> Iterator[Spoken]:
        """This node and all below it."""
        yield self
        for child in self.children:
            yield from child.all

    @property
    def words(self) -> str:
        """All that is said of it."""
        return " ".join(filter(None, (self.name, self.value, self.description)))


def spoken_tree(window: QWidget) -> Spoken:
    """The whole tree of a window."""
    return _read(QAccessible.queryAccessibleInterface(window))


def identity_of(widget: QWidget) -> int:
    """How a widget's node is known in the tree."""
    return QAccessible.uniqueId(QAccessible.queryAccessibleInterface(widget))


def hidden(widget: QWidget) -> bool:
    """Whether a widget's node says that it cannot be seen."""
    return bool(QAccessible.queryAccessibleInterface(widget).state().invisible)


def _read(node: QAccessibleInterface) -> Spoken:
    state = node.state()
    below = (node.child(at) for at in range(node.childCount()))
    return Spoken(
        identity=QAccessible.uniqueId(node),
        role=node.role(),
        name=node.text(QAccessible.Text.Name).strip(),
        description=node.text(QAccessible.Text.Description).strip(),
        value=node.text(QAccessible.Text.Value).strip(),
        hidden=bool(state.invisible),
        focusable=bool(state.focusable),
        children=tuple(_read(child) for child in below if child is not None),
    )
