# SPDX-License-Identifier: Apache-2.0
"""Whatever an archive holds, it stays in its folder or is refused."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import stat
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node_manager.downloads.errors import ArchiveDamaged, ArchiveRefused
from node_manager.downloads.members import MAX_MEMBERS, safe_path
from node_manager.downloads.unpack import unpack
from tests.unit.downloads.archives import NODE, member, tar, tar_of, zip_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    inside.mkdir()
    return inside


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("a.tar.gz", "w:gz"),
        ("a.tgz", "w:gz"),
        ("a.tar", "w"),
        ("a.tar.xz", "w:xz"),
        ("a.tar.bz2", "w:bz2"),
        ("without-suffix", "w:gz"),
    ],
)
def test_a_tar_is_known_by_its_content(tmp_path: Path, folder: Path, name: str, mode: str) -> None:
    unpack(tar_of(tmp_path / name, {"rel/bin/posd": NODE}, mode), folder, bare_name="posd")
    assert (folder / "rel/bin/posd").read_bytes() == NODE


def test_a_zip_is_unpacked_with_its_modes(tmp_path: Path, folder: Path) -> None:
    unpack(zip_of(tmp_path / "a.zip", {"bin/posd": NODE}), folder, bare_name="posd")
    assert (folder / "bin/posd").read_bytes() == NODE
    assert stat.S_IMODE((folder / "bin/posd").stat().st_mode) == 0o700


def test_what_is_no_archive_is_the_program(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "posd-v1-linux").write_bytes(NODE)
    unpack(tmp_path / "posd-v1-linux", folder, bare_name="posd")
    assert (folder / "posd").read_bytes() == NODE


def test_a_zip_that_hangs_behind_a_program_is_not_unpacked(tmp_path: Path, folder: Path) -> None:
    attached = zip_of(tmp_path / "a.zip", {"other": b"x"}).read_bytes()
    (tmp_path / "posd").write_bytes(NODE + attached)
    unpack(tmp_path / "posd", folder, bare_name="posd")
    assert os.listdir(folder) == ["posd"]


def test_a_gzipped_program_is_the_program(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "posd.gz").write_bytes(gzip.compress(NODE))
    unpack(tmp_path / "posd.gz", folder, bare_name="posd")
    assert (folder / "posd").read_bytes() == NODE


def test_files_are_for_their_owner_only(tmp_path: Path, folder: Path) -> None:
    plain, program = member("doc/README", mode=0o666), member("bin/posd", mode=0o6777)
    unpack(tar(tmp_path / "a", [(plain, b"x"), (program, NODE)]), folder, bare_name="posd")
    assert stat.S_IMODE((folder / "doc/README").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "bin/posd").stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "bin").stat().st_mode) == 0o700


def test_links_between_its_own_files_are_made(tmp_path: Path, folder: Path) -> None:
    members = [
        (member("lib/so", tarfile.SYMTYPE, link="so.1"), b""),
        (member("lib/so.1", tarfile.SYMTYPE, link="so.1.2"), b""),
        (member("lib/so.1.2"), b"library"),
    ]
    unpack(tar(tmp_path / "a", members), folder, bare_name="posd")
    assert (folder / "lib/so").read_bytes() == b"library"


@pytest.mark.parametrize(
    "info",
    [
        member("../out"),
        member("a/../../out"),
        member("/out"),
        member("C:\\out"),
        member("a\\..\\..\\out"),
        member("a\nb"),
        member("con"),
        member("aux.txt"),
        member("a./b"),
        member("x" * 300),
        member("a:stream"),
        member("link", tarfile.SYMTYPE, link="../out"),
        member("link", tarfile.SYMTYPE, link="/etc/passwd"),
        member("link", tarfile.SYMTYPE, link="link"),
        member("link", tarfile.SYMTYPE, link="."),
        member("link", tarfile.SYMTYPE, link="nothing"),
        member("link", tarfile.SYMTYPE, link=""),
        member("link", tarfile.SYMTYPE, link="x" * 5000),
        member("hard", tarfile.LNKTYPE, link="/etc/passwd"),
        member("hard", tarfile.LNKTYPE, link="posd"),
        member("pipe", tarfile.FIFOTYPE),
        member("device", tarfile.CHRTYPE),
        member("disk", tarfile.BLKTYPE),
    ],
    ids=lambda info: f"{info.name[:20]}-{info.type!r}-{info.linkname}",
)
def test_a_member_that_has_no_place_refuses_the_whole(
    tmp_path: Path, folder: Path, info: tarfile.TarInfo
) -> None:
    archive = tar(tmp_path / "a", [(member("posd"), NODE), (info, b"")])
    with pytest.raises(ArchiveRefused):
        unpack(archive, folder, bare_name="posd")
    assert sorted(os.listdir(tmp_path)) == ["a", "inside"]


def test_no_file_is_written_through_a_link(tmp_path: Path, folder: Path) -> None:
    members = [
        (member("door", tarfile.SYMTYPE, link=str(tmp_path)), b""),
        (member("door/out"), b"x"),
    ]
    with pytest.raises(ArchiveRefused):
        unpack(tar(tmp_path / "a", members), folder, bare_name="posd")
    assert sorted(os.listdir(tmp_path)) == ["a", "inside"]


@pytest.mark.parametrize("names", [("posd", "posd"), ("posd", "POSD"), ("a", "a/b")])
def test_two_members_of_one_name_are_refused(
    tmp_path: Path, folder: Path, names: tuple[str, str]
) -> None:
    archive = tar(tmp_path / "a", [(member(name), b"x") for name in names])
    with pytest.raises(ArchiveRefused):
        unpack(archive, folder, bare_name="posd")


def test_more_bytes_than_allowed_are_refused_on_the_way(tmp_path: Path, folder: Path) -> None:
    bomb = tar_of(tmp_path / "a", {"zeros": bytes(5_000_000)})
    assert bomb.stat().st_size < 10_000
    with pytest.raises(ArchiveRefused, match="more than 1000000 bytes"):
        unpack(bomb, folder, bare_name="posd", limit_bytes=1_000_000)
    (tmp_path / "posd.gz").write_bytes(gzip.compress(b"x" * 5_000_000))
    with pytest.raises(ArchiveRefused):
        unpack(tmp_path / "posd.gz", folder, bare_name="posd", limit_bytes=1_000_000)
    with pytest.raises(ArchiveRefused):
        unpack(
            zip_of(tmp_path / "z", {"more": bytes(5_000_000)}),
            folder,
            bare_name="posd",
            limit_bytes=1_000_000,
        )


def test_more_members_than_allowed_are_refused(tmp_path: Path, folder: Path) -> None:
    archive = zip_of(tmp_path / "a", {f"{i}/": b"" for i in range(MAX_MEMBERS + 1)}, 0o40755)
    with pytest.raises(ArchiveRefused, match="members"):
        unpack(archive, folder, bare_name="posd")


@pytest.mark.parametrize("mode", [0o120777, 0o010644, 0o020644])
def test_a_link_or_device_in_a_zip_is_refused(tmp_path: Path, folder: Path, mode: int) -> None:
    with pytest.raises(ArchiveRefused):
        unpack(zip_of(tmp_path / "a", {"posd": b"/etc/passwd"}, mode), folder, bare_name="posd")


def test_a_zip_that_leaves_its_folder_is_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(ArchiveRefused, match="leaves the folder"):
        unpack(zip_of(tmp_path / "a", {"../out": b"x"}), folder, bare_name="posd")


def test_a_cut_archive_is_damaged(tmp_path: Path, folder: Path) -> None:
    whole = tar_of(tmp_path / "a", {"posd": os.urandom(500_000)}).read_bytes()
    (tmp_path / "cut").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ArchiveDamaged):
        unpack(tmp_path / "cut", folder, bare_name="posd")


def test_a_flipped_bit_in_a_zip_is_damage(tmp_path: Path, folder: Path) -> None:
    content = bytearray(zip_of(tmp_path / "a", {"posd": os.urandom(1000)}).read_bytes())
    content[500] ^= 1
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ArchiveDamaged):
        unpack(tmp_path / "a", folder, bare_name="posd")


PIECES = st.sampled_from(
    [
        "..",
        ".",
        "",
        "a",
        "b",
        "posd",
        "/",
        "\\",
        "C:",
        "~",
        "con",
        "nul.txt",
        "ä",
        "\x00",
        " ",
        "a.",
    ]
)
NAMES = st.lists(PIECES, min_size=1, max_size=6).map("/".join) | st.text(max_size=40)


@given(NAMES)
def test_a_path_is_safe_or_refused(name: str) -> None:
    try:
        path = safe_path("archive", name)
    except ArchiveRefused:
        return
    if path is None:
        return
    assert not path.is_absolute()
    assert ".." not in path.parts
    assert "\\" not in str(path)
    root = Path("/some/root")
    assert Path(os.path.normpath(root / path)).is_relative_to(root)


KINDS = st.sampled_from([tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE])
MEMBERS = st.lists(st.tuples(NAMES, KINDS, NAMES), max_size=6)


@settings(max_examples=150)
@given(MEMBERS)
def test_nothing_outside_the_folder_ever_changes(
    members: list[tuple[str, bytes, str]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "inside").mkdir()
        (root / "canary").write_text("untouched")
        source = io.BytesIO()
        with tarfile.open(fileobj=source, mode="w") as archive:
            for path, kind, link in members:
                info = member(path, kind, link=link)
                content = b"x" if kind == tarfile.REGTYPE else b""
                info.size = len(content)
                try:
                    archive.addfile(info, io.BytesIO(content))
                except (ValueError, UnicodeError):
                    return  # no tar can hold such a name
        (root / "archive").write_bytes(source.getvalue())
        try:
            unpack(root / "archive", root / "inside", bare_name="posd")
            links = [path for path in (root / "inside").rglob("*") if path.is_symlink()]
        except (ArchiveRefused, ArchiveDamaged):
            links = []
        assert sorted(os.listdir(root)) == ["archive", "canary", "inside"]
        assert (root / "canary").read_text() == "untouched"
        for link in links:
            assert link.resolve(strict=True).is_relative_to((root / "inside").resolve())


@settings(max_examples=100)
@given(st.lists(st.tuples(NAMES, st.sampled_from([0o100644, 0o120777, 0o40755, 0])), max_size=5))
def test_no_zip_writes_outside_either(members: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "inside").mkdir()
        names = {path.partition("\x00")[0] or "x": mode for path, mode in members}
        with zipfile.ZipFile(root / "archive", "w") as archive:
            for path, mode in names.items():
                info = zipfile.ZipInfo(path)
                info.external_attr = mode << 16
                try:
                    archive.writestr(info, b"x")
                except (ValueError, UnicodeError):
                    return
        with contextlib.suppress(ArchiveRefused, ArchiveDamaged):
            unpack(root / "archive", root / "inside", bare_name="posd")
        assert sorted(os.listdir(root)) == ["archive", "inside"]
