# SPDX-License-Identifier: Apache-2.0
"""Random tokens, of which only the hash is kept."""

from __future__ import annotations

import hashlib
import secrets

SESSION = "ocs_"
API_KEY = "ock_"


def new_token(kind: str) -> str:
    """A token of 256 random bits, marked with its kind."""
    return kind + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token: it is random, so a plain hash cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()
