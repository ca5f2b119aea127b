# SPDX-License-Identifier: Apache-2.0
"""Signed announcements of versions that do not exist."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node_manager.updates.announcement import Announcement, ReleaseFile
from node_manager.updates.envelope import sealed
from node_manager.updates.source import UpdateSource

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TARGET = "linux/amd64"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def public(key: Ed25519PrivateKey = KEY) -> str:
    """The public key in hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def source(url: str, key: Ed25519PrivateKey = KEY) -> UpdateSource:
    """What a build carries."""
    return UpdateSource(url=url, key=public(key))


def release(url: str, content: bytes) -> ReleaseFile:
    """The file of a platform."""
    return ReleaseFile(url=url, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def announcement(version: str = "0.2.0", **fields: Any) -> Announcement:
    """Made at noon and good for ninety days."""
    told = {
        "date": NOON,
        "expires": NOON + timedelta(days=90),
        "changes": {"en": "Charts keep a month.", "de": "Diagramme behalten einen Monat."},
    }
    return Announcement(version=version, **(told | fields))


def document(version: str = "0.2.0", *, key: Ed25519PrivateKey = KEY, **fields: Any) -> bytes:
    """A signed announcement as its source serves it."""
    return sealed(announcement(version, **fields), key)
