# SPDX-License-Identifier: Apache-2.0
"""Place and size of the window, remembered beside the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings

if TYPE_CHECKING:
    from desktop.window import MainWindow
    from node_manager.layout import Layout

FILE = "window.ini"


def restore(window: MainWindow, layout: Layout) -> None:
    """Give the window the place it had; nothing is written."""
    file = layout.data / FILE
    if file.exists():
        window.restore_geometry(QSettings(str(file), QSettings.Format.IniFormat))


def keep(window: MainWindow, layout: Layout) -> None:
    """Remember the window's place; only where the app has a folder already."""
    if layout.data.is_dir():
        store = QSettings(str(layout.data / FILE), QSettings.Format.IniFormat)
        window.keep_geometry(store)
        store.sync()
