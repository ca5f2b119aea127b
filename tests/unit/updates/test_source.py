# SPDX-License-Identifier: Apache-2.0
"""A build names its source of updates, or none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from node_manager.updates import source as source_of_build
from node_manager.updates.errors import SourceUnreadable
from node_manager.updates.source import read_source
from tests.helpers.update_material import public

GOOD = {"url": "https://example.org/announcement.json", "key": public()}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "updates.json"
    monkeypatch.setattr(source_of_build, "source_file", lambda: path)
    return path


def test_a_checkout_names_none() -> None:
    assert read_source() is None


def test_a_build_names_an_address_and_a_key(file: Path) -> None:
    file.write_text(json.dumps(GOOD))
    read = read_source()
    assert read is not None
    assert (read.url, read.key) == (GOOD["url"], public())


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "http://example.org/announcement.json"},
        {"url": "http://10.0.0.1/announcement.json"},
        {"url": "file:///announcement.json"},
        {"key": "ab"},
        {"key": "not hexadecimal"},
        {"novel": 1},
    ],
)
def test_a_source_that_is_not_safe_is_none(file: Path, fields: dict[str, object]) -> None:
    file.write_text(json.dumps(GOOD | fields))
    with pytest.raises(SourceUnreadable):
        read_source()


def test_a_damaged_file_is_told(file: Path) -> None:
    file.write_text("{")
    with pytest.raises(SourceUnreadable, match="Install the app anew"):
        read_source()
