# SPDX-License-Identifier: Apache-2.0
"""Building: once for equal sources, whole or not at all, with archives that never differ."""

from __future__ import annotations

import asyncio
import os
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.localnet import build as building
from bridge.localnet.archive import pack, sha256_of
from bridge.localnet.build import build_key, builds_folder, ensure_build, load_build
from bridge.localnet.errors import BuildFailed, ReleaseUnknown
from bridge.localnet.toolchain import Toolchain, inspect
from node_manager.layout import Layout

MakeGo = Callable[..., Toolchain]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the fake Go tool is a shell script")


def calls(go: Toolchain, command: str) -> int:
    lines = (go.go.parent / "calls").read_text().splitlines()
    return sum(line.startswith(command) for line in lines)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Toolchain], Toolchain]:
    def chosen(toolchain: Toolchain) -> Toolchain:
        monkeypatch.setattr(building, "find_toolchain", lambda *_: toolchain)
        return toolchain

    return chosen


async def test_both_releases_are_built_and_kept(
    layout: Layout, fake_go: MakeGo, use: Callable[[Toolchain], Toolchain]
) -> None:
    go = use(fake_go())
    told: list[str] = []
    first = await ensure_build(layout, told.append)
    again = await ensure_build(layout, told.append)
    assert again == first
    assert calls(go, "build") == 2
    for release in first.releases:
        assert sha256_of(release.archive) == release.sha256
        checksum = release.archive.with_name(f"{release.archive.name}.sha256").read_text()
        assert checksum == f"{release.sha256}  posd_linux_amd64.tar.gz\n"
    assert "Compiling v1." in told
    with pytest.raises(ReleaseUnknown, match="v1, v2"):
        first.release("v3")


async def test_two_callers_at_once_build_once(
    layout: Layout, fake_go: MakeGo, use: Callable[[Toolchain], Toolchain]
) -> None:
    go = use(fake_go(seconds=0.3))
    told: list[str] = []
    one, two = await asyncio.gather(
        ensure_build(layout, told.append), ensure_build(layout, told.append)
    )
    assert one == two
    assert calls(go, "build") == 2
    assert any("waiting for it" in line for line in told)


async def test_only_our_own_caches_are_removed_after_a_build(
    layout: Layout,
    fake_go: MakeGo,
    use: Callable[[Toolchain], Toolchain],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GOMODCACHE", raising=False)
    ours = tmp_path / "ours"
    (ours / "modules" / "cosmos-sdk").mkdir(parents=True)
    go = use(replace(fake_go(), caches=ours))
    assert go.environment()["GOMODCACHE"] == str(ours / "modules")
    await ensure_build(layout, lambda _line: None)
    assert not (ours / "modules").exists()
    assert go.go.is_file()
    assert "GOMODCACHE" not in replace(go, caches=None).environment()


async def test_a_failed_build_tells_its_cause_and_leaves_nothing(
    layout: Layout, fake_go: MakeGo, use: Callable[[Toolchain], Toolchain]
) -> None:
    use(fake_go(trouble="echo oneclick/localnet/app; echo app.go:7: undefined: X; exit 1"))
    with pytest.raises(BuildFailed, match="undefined: X") as failure:
        await ensure_build(layout, lambda _line: None)
    assert "undefined: X" in Path(str(failure.value.facts["log"])).read_text()
    assert not [path for path in builds_folder(layout).iterdir() if path.is_dir()]
    use(fake_go())
    assert (await ensure_build(layout, lambda _line: None)).releases


async def test_a_build_that_nobody_waits_for_ends(
    layout: Layout, fake_go: MakeGo, use: Callable[[Toolchain], Toolchain]
) -> None:
    use(fake_go(seconds=60))
    compiling = asyncio.Event()
    task = asyncio.create_task(
        ensure_build(layout, lambda line: compiling.set() if "Compiling" in line else None)
    )
    await asyncio.wait_for(compiling.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(100):
        if not [path for path in builds_folder(layout).iterdir() if path.is_dir()]:
            return
        await asyncio.sleep(0.1)
    pytest.fail("the cancelled build left its folder")


async def test_a_build_with_a_missing_part_is_made_again(
    layout: Layout, fake_go: MakeGo, use: Callable[[Toolchain], Toolchain]
) -> None:
    use(fake_go())
    build = await ensure_build(layout, lambda _line: None)
    build.release("v2").archive.unlink()
    assert load_build(build.folder) is None
    assert (await ensure_build(layout, lambda _line: None)).release("v2").archive.is_file()


def test_the_key_depends_on_sources_and_toolchain_only(tmp_path: Path, fake_go: MakeGo) -> None:
    sources = tmp_path / "sources"
    (sources / "app").mkdir(parents=True)
    (sources / "app" / "app.go").write_text("package app\n")
    go = fake_go()
    key = build_key(sources, go)
    (sources / "README.md").write_text("words")
    elsewhere = shutil.copytree(sources, tmp_path / "elsewhere")
    assert build_key(elsewhere, go) == key
    assert build_key(sources, fake_go(version="go1.26.7")) != key
    (sources / "app" / "app.go").write_text("package app \n")
    assert build_key(sources, go) != key


def test_equal_programs_give_equal_archives(tmp_path: Path) -> None:
    digests = set()
    for folder, stamp in (("a", 1_000_000_000), ("b", 1_700_000_000)):
        program = tmp_path / folder / "posd"
        program.parent.mkdir()
        program.write_bytes(b"program" * 1000)
        os.utime(program, (stamp, stamp))
        digests.add(pack(program, program.with_name("posd.tar.gz")))
    assert len(digests) == 1
    with tarfile.open(tmp_path / "a" / "posd.tar.gz") as tar:
        (member,) = tar.getmembers()
        assert (member.name, member.mode, member.size) == ("posd", 0o755, 7000)


@pytest.mark.parametrize(
    ("version", "usable"),
    [
        ("go1.24.11", False),
        ("go1.25.0", True),
        ("go1.26.8", True),
        ("go1.27.3", False),
        ("devel go1.26-abc", False),
    ],
)
def test_only_a_go_that_was_tried_is_used(fake_go: MakeGo, version: str, usable: bool) -> None:
    assert (inspect(fake_go(version=version).go) is not None) is usable


def test_a_go_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert inspect(tmp_path / "go") is None


def test_settings_of_the_person_do_not_change_what_is_built(
    fake_go: MakeGo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOFLAGS", "-mod=vendor -race")
    monkeypatch.setenv("GOOS", "plan9")
    environment = fake_go().environment()
    assert "race" not in environment["GOFLAGS"]
    assert "GOOS" not in environment
    assert (environment["GOTOOLCHAIN"], environment["CGO_ENABLED"]) == ("local", "0")
