# SPDX-License-Identifier: Apache-2.0
"""Platforms as chain-registry names them: "linux/amd64", "darwin/arm64", "windows/amd64"."""

from __future__ import annotations

import platform

TARGETS = (
    "linux/amd64",
    "linux/arm64",
    "darwin/amd64",
    "darwin/arm64",
    "windows/amd64",
    "windows/arm64",
)

_MACHINES = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "aarch64": "arm64",
    "arm64": "arm64",
    "i386": "386",
    "i686": "386",
    "armv7l": "arm",
}


def container_target() -> str:
    """The platform of a container on this computer."""
    return f"linux/{this_target().partition('/')[2]}"


def this_target(system: str | None = None, machine: str | None = None) -> str:
    """The platform of this computer (or of the given `platform.system()` and `machine()`)."""
    name = (machine or platform.machine()).lower()
    return f"{(system or platform.system()).lower()}/{_MACHINES.get(name, name)}"
