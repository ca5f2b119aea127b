# SPDX-License-Identifier: Apache-2.0
"""Names in JSON: `local_p2p_port` reads `localP2pPort`."""

from __future__ import annotations


def camel(name: str) -> str:
    """The camelCase form of `name` (pydantic's own turns p2p into P2P)."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
