# SPDX-License-Identifier: Apache-2.0
"""Where the app's own resources lie: in the checkout, in the installed package, in the bundle."""

from __future__ import annotations

import sys
from pathlib import Path


def resources() -> Path:
    """The `resources` folder. PyInstaller unpacks data files below `sys._MEIPASS`."""
    bundle = getattr(sys, "_MEIPASS", None)
    root = Path(bundle) if bundle else Path(__file__).resolve().parents[2]
    return root / "resources"


def bundled_profiles() -> Path:
    """One folder a network that comes with the app."""
    return resources() / "networks"
