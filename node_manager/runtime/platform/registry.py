# SPDX-License-Identifier: Apache-2.0
"""HKEY_CURRENT_USER of Windows' registry, by the standard library's `winreg`."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any


class CurrentUserRegistry:
    """String values under HKEY_CURRENT_USER."""

    def __init__(self) -> None:
        """Load `winreg`, which only Windows has."""
        self._winreg: Any = importlib.import_module("winreg")

    def read(self, key: str, name: str) -> str | None:
        """The string value, None when there is none."""
        root = self._winreg.HKEY_CURRENT_USER
        with contextlib.suppress(FileNotFoundError), self._winreg.OpenKey(root, key) as opened:
            value, _ = self._winreg.QueryValueEx(opened, name)
            return str(value)
        return None

    def write(self, key: str, name: str, value: str) -> None:
        """Set the string value."""
        with self._winreg.CreateKey(self._winreg.HKEY_CURRENT_USER, key) as opened:
            self._winreg.SetValueEx(opened, name, 0, self._winreg.REG_SZ, value)

    def remove(self, key: str, name: str) -> None:
        """Remove the value; no error if it is not there."""
        access = self._winreg.KEY_SET_VALUE
        root = self._winreg.HKEY_CURRENT_USER
        with (
            contextlib.suppress(FileNotFoundError),
            self._winreg.OpenKey(root, key, 0, access) as opened,
        ):
            self._winreg.DeleteValue(opened, name)
