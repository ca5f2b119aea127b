# SPDX-License-Identifier: Apache-2.0
"""A release is installed whole, known by where it came from, or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import stat
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from node_manager.downloads.checksum import Checksum
from node_manager.downloads.errors import (
    ArchiveRefused,
    ChecksumMissing,
    ChecksumWrong,
    DownloadError,
    FileUnreadable,
    GivenFileWrong,
    NameRefused,
    NoSpace,
    NotPublished,
    ProgramMissing,
    TrialFailed,
    Truncated,
    WrongPlatform,
)
from node_manager.downloads.install import InstalledRelease, ReleaseRequest, install_release
from node_manager.downloads.progress import Progress
from node_manager.downloads.releases import find_installed, installed_releases
from node_manager.layout import Layout
from tests.unit.downloads.archives import NODE, member, tar, tar_of, zip_of
from tests.unit.downloads.file_server import FileServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its programs are shell scripts")

TARGET = "linux/amd64"


class Shop:
    """Publishes a file and installs it."""

    def __init__(self, server: FileServer, layout: Layout, folder: Path) -> None:
        self.server = server
        self.layout = layout
        self.folder = folder
        self.progress: list[Progress] = []

    def publish(self, content: bytes | Path) -> None:
        self.server.content = content.read_bytes() if isinstance(content, Path) else content

    def request(self, **changes: object) -> ReleaseRequest:
        request = ReleaseRequest(
            program="posd",
            version="v1.0.0",
            target=TARGET,
            url=self.server.url("/posd.tar.gz"),
            checksum=Checksum("sha256", self.server.sha256),
            attempts=1,
            trial_seconds=5.0,
        )
        return replace(request, **changes)  # type: ignore[arg-type]

    async def install(self, **changes: object) -> InstalledRelease:
        return await install_release(
            self.request(**changes), self.layout, on_progress=self.progress.append
        )

    def found(self) -> InstalledRelease | None:
        return find_installed(self.layout, "posd", "v1.0.0", TARGET)

    def half_installed(self) -> list[Path]:
        """Everything under releases except folders of names."""
        return [
            path
            for path in self.layout.releases.rglob("*")
            if len(path.parts) > 0 and (path.is_file() or path.name.startswith("."))
        ]


@pytest.fixture
def shop(server: FileServer, layout: Layout, tmp_path: Path) -> Shop:
    made = Shop(server, layout, tmp_path)
    made.publish(
        tar_of(tmp_path / "good.tar.gz", {"posd-v1/bin/posd": NODE, "posd-v1/LICENSE": b"x"})
    )
    return made


async def test_a_release_is_installed_with_its_provenance(shop: Shop) -> None:
    before = time.time()
    installed = await shop.install()
    facts = installed.provenance
    assert installed.path.read_bytes() == NODE
    assert installed.path.is_relative_to(shop.layout.releases / "posd" / "v1.0.0" / "linux-amd64")
    assert facts.version_output == "1.2.3"
    assert facts.url == shop.server.url("/posd.tar.gz")
    assert facts.checksum == f"sha256:{shop.server.sha256}"
    assert facts.size == len(shop.server.content)
    assert facts.executable_sha256 == hashlib.sha256(NODE).hexdigest()
    assert before <= facts.installed_at <= time.time()
    assert shop.found() == installed
    assert installed_releases(shop.layout) == [installed]
    assert installed.unchanged()


async def test_a_file_at_hand_is_installed_as_the_download_would_be(shop: Shop) -> None:
    file = shop.folder / "good.tar.gz"
    request = shop.request(url="http://127.0.0.1:9/posd.tar.gz")
    installed = await install_release(request, shop.layout, file=file)
    assert installed.path.read_bytes() == NODE
    assert installed.provenance.url == "http://127.0.0.1:9/posd.tar.gz"
    assert installed.provenance.fetched_from == file.as_uri()
    assert installed.provenance.checksum == f"sha256:{shop.server.sha256}"
    assert file.exists(), "it is the person's"
    assert not list(shop.layout.downloads.glob("posd-*.file"))
    assert shop.server.asked == []


async def test_another_file_is_refused_with_both_hashes_and_nothing_changes(shop: Shop) -> None:
    file = shop.folder / "other.tar.gz"
    tar_of(file, {"posd-v1/bin/posd": NODE + b"# altered"})
    content = file.read_bytes()
    with pytest.raises(GivenFileWrong) as refused:
        await install_release(shop.request(), shop.layout, file=file)
    told = str(refused.value)
    assert hashlib.sha256(content).hexdigest() in told
    assert shop.server.sha256 in told
    assert file.read_bytes() == content
    assert shop.found() is None
    assert shop.half_installed() == []
    assert not [path for path in shop.layout.downloads.iterdir() if path.suffix != ".lock"]


async def test_a_file_is_never_taken_without_a_checksum(shop: Shop) -> None:
    with pytest.raises(ChecksumMissing):
        await install_release(
            shop.request(checksum=None), shop.layout, file=shop.folder / "good.tar.gz"
        )
    assert shop.found() is None


async def test_a_file_that_is_not_there_is_named(shop: Shop, tmp_path: Path) -> None:
    for path in (tmp_path / "missing.tar.gz", tmp_path):
        with pytest.raises(FileUnreadable, match=str(path)):
            await install_release(shop.request(), shop.layout, file=path)


async def test_the_archive_does_not_stay(shop: Shop) -> None:
    await shop.install()
    left = [path for path in shop.layout.downloads.iterdir() if path.suffix != ".lock"]
    assert left == []


async def test_an_installed_release_is_not_fetched_again(shop: Shop) -> None:
    first = await shop.install()
    assert await shop.install() == first
    assert len(shop.server.asked) == 1


async def test_two_at_once_get_the_same_one(shop: Shop) -> None:
    one, two = await asyncio.gather(shop.install(), shop.install())
    assert one == two
    assert len(shop.server.asked) == 1


async def test_another_checksum_under_the_same_version_replaces_it(shop: Shop) -> None:
    await shop.install()
    changed = NODE.replace(b"1.2.3", b"1.2.4")
    shop.publish(tar_of(shop.folder / "b", {"posd": changed}))
    installed = await shop.install()
    assert installed.provenance.version_output == "1.2.4"
    assert shop.found() == installed


async def test_phases_come_in_order(shop: Shop) -> None:
    await shop.install()
    phases = list(dict.fromkeys(step.phase for step in shop.progress))
    assert phases == ["download", "unpack", "try"]


@pytest.mark.parametrize("name", ["posd", "posd.exe", "posd-v1.0.0-linux-amd64", "posd_linux"])
async def test_the_program_is_found_under_the_names_releases_use(shop: Shop, name: str) -> None:
    shop.publish(tar_of(shop.folder / "b", {f"deep/{name}": NODE, "deep/README": b"x"}))
    assert (await shop.install()).path.name == name


async def test_a_bare_program_and_a_zip_are_installed_too(shop: Shop) -> None:
    shop.publish(NODE)
    assert (await shop.install()).path.name == "posd"
    shop.publish(zip_of(shop.folder / "z", {"posd": NODE}, 0))
    assert (await shop.install(version="v2")).provenance.version_output == "1.2.3"


async def test_a_program_of_another_name_is_asked_for(shop: Shop) -> None:
    shop.publish(tar_of(shop.folder / "b", {"bin/other": NODE}))
    assert (await shop.install(executable="other")).path.name == "other"


async def test_a_version_nobody_named_is_named_after_its_checksum(shop: Shop) -> None:
    installed = await shop.install(version="")
    assert installed.version == f"build-{shop.server.sha256[:12]}"
    assert find_installed(shop.layout, "posd", installed.version, TARGET) == installed


async def test_a_tag_with_a_slash_is_one_folder(shop: Shop) -> None:
    installed = await shop.install(version="release/v1")
    assert find_installed(shop.layout, "posd", "release/v1", TARGET) == installed


@pytest.mark.parametrize("change", [{"program": ".."}, {"version": ".."}, {"target": "../x"}])
async def test_no_name_leaves_the_folder_of_releases(shop: Shop, change: dict[str, str]) -> None:
    with pytest.raises(NameRefused):
        await shop.install(**change)


async def test_without_a_checksum_nothing_is_fetched(shop: Shop) -> None:
    with pytest.raises(ChecksumMissing):
        await shop.install(checksum=None)
    assert shop.server.asked == []


async def test_a_checksum_in_the_url_is_enough(shop: Shop) -> None:
    url = shop.server.url("/posd.tar.gz") + f"?checksum=sha256:{shop.server.sha256}"
    await shop.install(url=url, checksum=None)
    assert shop.found() is not None


async def wrong_hash(shop: Shop) -> DownloadError:
    with pytest.raises(ChecksumWrong) as caught:
        await shop.install(checksum=Checksum("sha256", "0" * 64))
    return caught.value


async def not_there(shop: Shop) -> DownloadError:
    shop.server.status = 404
    with pytest.raises(NotPublished) as caught:
        await shop.install()
    shop.server.status = 200
    return caught.value


async def truncated(shop: Shop) -> DownloadError:
    shop.server.declared = len(shop.server.content) + 1
    with pytest.raises(Truncated) as caught:
        await shop.install()
    shop.server.declared = None
    return caught.value


async def no_space(shop: Shop) -> DownloadError:
    with pytest.MonkeyPatch.context() as patch, pytest.raises(NoSpace) as caught:
        patch.setattr("node_manager.downloads.space.RESERVE_BYTES", 10**18)
        await shop.install()
    return caught.value


async def refused(shop: Shop) -> DownloadError:
    good = shop.server.content
    shop.publish(tar(shop.folder / "b", [(member("posd"), NODE), (member("../x"), b"")]))
    with pytest.raises(ArchiveRefused) as caught:
        await shop.install()
    shop.publish(good)
    return caught.value


async def without_program(shop: Shop) -> DownloadError:
    good = shop.server.content
    shop.publish(tar_of(shop.folder / "b", {"README": b"x", "posd.md": b"x"}))
    with pytest.raises(ProgramMissing, match="README") as caught:
        await shop.install(executable="gaiad")
    shop.publish(good)
    return caught.value


async def failing(shop: Shop) -> DownloadError:
    good = shop.server.content
    shop.publish(b"#!/bin/sh\necho usage >&2\necho 'Error: no such thing' >&2\nexit 3\n")
    with pytest.raises(TrialFailed, match="code 3: Error: no such thing") as caught:
        await shop.install()
    shop.publish(good)
    return caught.value


async def silent(shop: Shop) -> DownloadError:
    good = shop.server.content
    shop.publish(b"#!/bin/sh\necho 1.2.3 >&2\n")
    with pytest.raises(TrialFailed, match="says nothing on standard output") as caught:
        await shop.install()
    shop.publish(good)
    return caught.value


async def endless(shop: Shop) -> DownloadError:
    good = shop.server.content
    shop.publish(b"#!/bin/sh\nsleep 600 & yes\n")
    with pytest.raises(TrialFailed, match=r"within 0\.5 s") as caught:
        await shop.install(trial_seconds=0.5)
    shop.publish(good)
    return caught.value


async def foreign(shop: Shop) -> DownloadError:
    good = shop.server.content
    windows = b"MZ" + bytes(0x3A) + b"\x40\0\0\0" + b"PE\0\0\x64\x86" + bytes(200)
    shop.publish(windows)
    with pytest.raises(WrongPlatform, match="Windows amd64") as caught:
        await shop.install()
    shop.publish(good)
    return caught.value


async def without_loader(shop: Shop) -> DownloadError:
    good = shop.server.content
    shop.publish(b"#!/nowhere/loader\n")
    with pytest.raises(WrongPlatform, match="loader or interpreter") as caught:
        await shop.install()
    shop.publish(good)
    return caught.value


@pytest.mark.parametrize(
    "trouble",
    [
        wrong_hash,
        not_there,
        truncated,
        no_space,
        refused,
        without_program,
        failing,
        silent,
        endless,
        foreign,
        without_loader,
    ],
)
async def test_a_failure_leaves_nothing_half_installed_and_the_next_try_works(
    shop: Shop, trouble: object
) -> None:
    error = await trouble(shop)  # type: ignore[operator]
    what, why, todo = error.explanation.filled()
    assert what
    assert why
    assert todo
    assert "unknown" not in f"{what} {why} {todo}"
    assert shop.half_installed() == []
    assert shop.found() is None
    installed = await shop.install()
    assert shop.found() == installed


async def test_a_failure_leaves_an_older_version_alone(shop: Shop) -> None:
    old = await shop.install()
    shop.publish(NODE)
    with pytest.raises(ChecksumWrong):
        await shop.install(version="v2", checksum=Checksum("sha256", "0" * 64))
    assert shop.found() == old
    assert old.unchanged()


async def test_a_damaged_installation_is_made_anew(shop: Shop) -> None:
    installed = await shop.install()
    installed.path.write_bytes(NODE[:-1])
    assert shop.found() is None
    assert (await shop.install()).unchanged()


async def test_a_changed_program_is_noticed(shop: Shop) -> None:
    installed = await shop.install()
    installed.path.write_bytes(NODE.replace(b"1.2.3", b"6.6.6"))
    assert not installed.unchanged()


async def test_what_a_killed_installation_left_is_removed(shop: Shop) -> None:
    left = shop.layout.releases / "posd" / "v1.0.0" / ".linux-amd64.abc.new"
    left.mkdir(parents=True)
    (left / "posd").write_bytes(NODE)
    assert shop.found() is None
    await shop.install()
    assert not left.exists()


async def test_an_archive_that_was_complete_is_not_fetched_again(shop: Shop) -> None:
    kept = shop.layout.downloads / f"posd-{shop.server.sha256[:24]}.file"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(shop.server.content)
    await shop.install()
    assert shop.server.asked == []


async def test_the_trial_writes_into_no_home_of_the_person(shop: Shop, tmp_path: Path) -> None:
    shop.publish(b'#!/bin/sh\necho data > "$HOME/.pos"\npwd\necho "$HOME"\n')
    output = (await shop.install()).provenance.version_output.split()
    assert all(not Path(path).exists() for path in output)


async def test_a_talkative_program_is_cut_not_waited_for(shop: Shop) -> None:
    shop.publish(b"#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x\n")
    assert len((await shop.install()).provenance.version_output) == 64 * 1024


async def test_a_program_for_a_container_is_installed_without_running_it(shop: Shop) -> None:
    shop.publish(b"\x7fELF not for here")
    installed = await shop.install(trial=False)
    assert installed.provenance.version_output == ""


async def test_installed_files_are_for_their_owner_only(shop: Shop) -> None:
    installed = await shop.install()
    assert stat.S_IMODE(installed.path.stat().st_mode) == 0o700
    folder = shop.layout.releases / "posd/v1.0.0/linux-amd64"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "provenance.json").stat().st_mode) == 0o600
