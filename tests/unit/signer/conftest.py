# SPDX-License-Identifier: Apache-2.0
"""A key, its folders and ballots for the signer's tests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node_manager.signer.journal import Journal
from tests.unit.signer.ballots import CHAIN


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture(scope="session")
def pubkey(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "signer"


@pytest.fixture
def journal(folder: Path, pubkey: bytes) -> Iterator[Journal]:
    with Journal.create(folder, CHAIN, pubkey) as journal:
        yield journal


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Short enough for a unix socket's path."""
    with tempfile.TemporaryDirectory(prefix="sign-") as name:
        yield Path(name)
