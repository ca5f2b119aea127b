# SPDX-License-Identifier: Apache-2.0
"""`updates` tells without a window what the card tells with one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bridge.cli.parser import parse, run
from node_manager.layout import Layout
from node_manager.networks.targets import this_target
from node_manager.updates import source as source_of_build
from tests.helpers.update_material import OTHER_KEY, document, release, source
from tests.unit.downloads.file_server import FileServer


class Command:
    """The command in a build that names the server."""

    def __init__(self, layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
        self._layout, self._capsys = layout, capsys

    async def __call__(self, *words: str) -> tuple[int, str]:
        """Its code and what it said."""
        chosen = parse(["--data", str(self._layout.data), "updates", *words])
        # In a thread, because it has a loop of its own and the server needs this one.
        code = await asyncio.to_thread(run, chosen)
        said = self._capsys.readouterr()
        return code, said.out + said.err


@pytest.fixture
def updates(
    server: FileServer, layout: Layout, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> Command:  # fmt: skip
    file = tmp_path / "updates.json"
    file.write_text(source(server.url()).model_dump_json())
    monkeypatch.setattr(source_of_build, "source_file", lambda: file)
    monkeypatch.setenv("ONECLICK_CACHE", str(layout.cache))
    server.content = document("99.0.0")
    return Command(layout, capsys)


async def test_a_newer_version_is_told_with_its_source(updates: Command) -> None:
    code, said = await updates()
    assert code == 0
    assert "99.0.0 of 2026-11-20, signed by the key of this build, confirmed 0 s ago" in said
    assert "Charts keep a month." in said


async def test_what_is_known_is_told_without_asking(updates: Command, server: FileServer) -> None:
    assert await updates("--known") == (1, "version   0.1.0\nnewest    unknown\n")
    assert server.asked == []
    await updates()
    asked = len(server.asked)
    assert "99.0.0" in (await updates("--known"))[1]
    assert len(server.asked) == asked


async def test_json_tells_the_same(updates: Command) -> None:
    code, said = await updates("--json")
    told = json.loads(said)
    assert code == 0
    assert told["isNewest"] is False
    assert told["newest"]["version"] == "99.0.0"
    assert told["trouble"] is None


async def test_a_forged_announcement_ends_with_code_1_and_its_reason(
    updates: Command, server: FileServer
) -> None:
    server.content = document("99.0.0", key=OTHER_KEY)
    code, said = await updates()
    assert code == 1
    assert "not signed by the key of this build. Nothing was downloaded." in said
    told = json.loads((await updates("--json"))[1])
    assert (told["isNewest"], told["trouble"]["code"]) == (None, "update-not-signed")


async def test_the_file_is_fetched_on_demand_only(
    updates: Command, server: FileServer, files: FileServer, layout: Layout
) -> None:
    file = release(files.url("/app.tar.gz"), files.content)
    server.content = document("99.0.0", files={this_target(): file})
    await updates()
    assert files.asked == []
    code, said = await updates("--download")
    assert code == 0
    assert "Verified, not installed." in said
    assert (layout.data / "updates" / "app.tar.gz").read_bytes() == files.content


async def test_nothing_to_download_is_an_error(updates: Command, server: FileServer) -> None:
    server.content = document("0.0.1")
    code, said = await updates("--download")
    assert code == 1
    assert "No newer version than" in said


async def test_a_checkout_says_that_it_names_no_source(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = await Command(layout, capsys)()
    assert code == 1
    assert "names no source of updates" in said
    assert not layout.data.exists()
