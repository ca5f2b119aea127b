# SPDX-License-Identifier: Apache-2.0
"""Windows' registry in memory."""

from __future__ import annotations


class Registry:
    """Values by key and name."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str] = {}

    def read(self, key: str, name: str) -> str | None:
        return self.values.get((key, name))

    def write(self, key: str, name: str, value: str) -> None:
        self.values[key, name] = value

    def remove(self, key: str, name: str) -> None:
        self.values.pop((key, name), None)
