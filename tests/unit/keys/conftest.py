# SPDX-License-Identifier: Apache-2.0
"""A node folder, a cheap key derivation, and stand-ins at the keyring's and signer's doors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from node_manager.keys.keystore import KeyStore
from node_manager.keys.protection import Keyring, Passphrase
from node_manager.layout import Layout, NodeFolder
from tests.unit.keys.material import CHEAP, STRONG, MemoryKeyring


@pytest.fixture
def folder(layout: Layout) -> NodeFolder:
    return layout.node("omniphi")


@pytest.fixture
def store(folder: NodeFolder) -> KeyStore:
    return KeyStore(folder, policy=CHEAP)


@pytest.fixture
def passphrase() -> Iterator[Passphrase]:
    with Passphrase(STRONG) as made:
        yield made


@pytest.fixture
def entries() -> MemoryKeyring:
    """What the system's keyring holds."""
    return MemoryKeyring()


@pytest.fixture
def keyring(entries: MemoryKeyring) -> Keyring:
    return Keyring(entries)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder for backups, apart from the node's."""
    place = tmp_path / "stick"
    place.mkdir()
    return place
