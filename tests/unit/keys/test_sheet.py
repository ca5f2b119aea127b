# SPDX-License-Identifier: Apache-2.0
"""The printed sheet holds the public facts and the steps, and nothing that runs or is secret."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

from node_manager.keys.backup_file import BackupHeader
from node_manager.keys.sheet import public_part, recovery_sheet
from tests.unit.keys.material import CHAIN, PUBLIC


def _header(**changes: object) -> BackupHeader:
    facts: dict = {
        "path": Path("/media/stick/omniphi.backup"),
        "version": 1,
        "network": "omniphi",
        "chain_id": CHAIN,
        "address": PUBLIC.address,
        "public_key": PUBLIC.base64,
        "created_at": "2026-11-22T15:00:00+00:00",
        "app_version": "0.1.0",
        "sha256": "ab" * 32,
    }
    return BackupHeader(**facts | changes)


class Page(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "action"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_it_says_what_the_backup_is_of_and_how_to_recover() -> None:
    page = Page(recovery_sheet(_header()))
    for fact in (CHAIN, PUBLIC.address, PUBLIC.base64, "ab" * 32, "omniphi.backup"):
        assert fact in page.text
    assert page.tags.count("li") == 6
    assert "Turn the old computer off" in page.text


def test_the_code_is_drawn_in_the_page_and_nothing_is_loaded() -> None:
    page = Page(recovery_sheet(_header()))
    assert "svg" in page.tags
    assert "path" in page.tags
    assert page.links == []
    assert "script" not in page.tags


def test_the_code_says_the_public_part_only() -> None:
    said = json.loads(public_part(_header()))
    assert said["public_key"] == PUBLIC.base64
    assert set(said) == {"chain_id", "address", "public_key", "created_at"}


def test_a_hostile_header_stays_text() -> None:
    page = Page(recovery_sheet(_header(network="<script>alert(1)</script>")))
    assert "script" not in page.tags
    assert "<script>alert(1)</script>" in page.text


def test_it_speaks_another_language() -> None:
    page = recovery_sheet(_header(), translate=lambda text: f"«{text}»", language="de")
    assert '<html lang="de">' in page
    assert "«Chain id»" in page
