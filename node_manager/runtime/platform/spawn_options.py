# SPDX-License-Identifier: Apache-2.0
"""How a child is cut off from this app, whatever the operating system."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpawnOptions:
    """How a child is cut off from this app: arguments of `subprocess.Popen`."""

    start_new_session: bool = False
    creationflags: int = 0
