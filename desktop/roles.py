# SPDX-License-Identifier: Apache-2.0
"""What the widgets that we paint ourselves are to a screen reader; Qt takes them for mere boxes."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget


def say_roles() -> None:
    """Give each widget whose class has a `spoken_role`, such as "Chart", that role.

    Name and description stay the widget's own.
    """
    QAccessible.installFactory(_interface)


def _interface(_class_name: str, thing: QObject) -> QAccessibleInterface | None:
    """The interface of a widget of ours, None for Qt's own to be taken."""
    role = getattr(type(thing), "spoken_role", None)
    if role is None or not isinstance(thing, QWidget):
        return None
    return QAccessibleWidget(thing, QAccessible.Role[role])
