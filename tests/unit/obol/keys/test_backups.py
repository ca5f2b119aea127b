# SPDX-License-Identifier: Apache-2.0
"""The backups of an ENR key and of a whole node: whole with their passphrase, or refused."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.explanation import OneClickError
from node_manager.keys.errors import BackupPassphraseWrong
from node_manager.keys.protection import Passphrase
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.keys.cluster_backup import (
    back_up_cluster,
    read_cluster_header,
    restore_cluster,
)
from node_manager.obol.keys.enr_backup import back_up_key, read_header, restore_key
from node_manager.obol.keys.keyfile import KEY_FILE
from tests.unit.keys.material import CHEAP, OTHER, STRONG
from tests.unit.obol.recorded import CHARON

BACKUPS = CHARON.parent / "backups"
"""Written by the first version of each format, with `STRONG` and `CHEAP`."""

NODE = CHARON / "cluster" / "node1"


@dataclass(frozen=True)
class Kind:
    """One kind of backup: how it is made of a node's folder, and put into an empty one."""

    name: str
    make: Callable[[ClusterFolder, Path], object]
    restore: Callable[[Path, ClusterFolder, Passphrase], object]
    damaged: str

    @property
    def early(self) -> bytes:
        return (BACKUPS / f"{self.name}.ocvbackup").read_bytes()


KINDS = [
    Kind(
        "enr-key",
        lambda folder, file: back_up_key(folder.charon, file, Passphrase(STRONG), policy=CHEAP),
        lambda file, folder, words: restore_key(file, folder.charon, words, policy=CHEAP),
        "enr-backup-damaged",
    ),
    Kind(
        "cluster",
        lambda folder, file: back_up_cluster(folder, file, Passphrase(STRONG), policy=CHEAP),
        lambda file, folder, words: restore_cluster(file, folder, words, policy=CHEAP),
        "cluster-backup-refused",
    ),
]
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.fixture
def source(tmp_path: Path) -> ClusterFolder:
    folder = ClusterFolder(tmp_path / "source")
    shutil.copytree(NODE, folder.charon)
    shutil.copy(CHARON / "cluster" / "cluster-lock.json", folder.lock)
    return folder


def held(folder: ClusterFolder) -> dict[str, bytes]:
    """Every file of charon's folder."""
    found = [path for path in folder.charon.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder.charon)): path.read_bytes() for path in found}


def restored(kind: Kind, file: Path, target: Path, words: str = STRONG) -> dict[str, bytes]:
    folder = ClusterFolder(target)
    with Passphrase(words) as passphrase:
        kind.restore(file, folder, passphrase)
    return held(folder)


def refused(kind: Kind, content: bytes, folder: Path) -> str:
    """The code of the refusal, after which nothing lies in the folder."""
    file, target = folder / "some.ocvbackup", folder / "target"
    file.write_bytes(content)
    with pytest.raises(OneClickError) as error:
        restored(kind, file, target)
    assert not target.exists()
    return error.value.code


@kinds
def test_what_an_earlier_version_wrote_opens(kind: Kind, tmp_path: Path) -> None:
    found = restored(kind, BACKUPS / f"{kind.name}.ocvbackup", tmp_path / "target")
    assert found[KEY_FILE] == (NODE / KEY_FILE).read_bytes()
    if kind.name == "cluster":
        shares = {str(one.relative_to(NODE)) for one in NODE.rglob("*") if one.is_file()}
        assert found.keys() == shares | {"cluster-lock.json"}
        assert all(found[name] == (NODE / name).read_bytes() for name in shares)


def test_an_early_header_tells_whose_it_is() -> None:
    enr = read_header(BACKUPS / "enr-key.ocvbackup").enr
    cluster = read_cluster_header(BACKUPS / "cluster.ocvbackup")
    assert cluster.enr == enr and cluster.lock_hash == "0x" + "ab" * 32


@kinds
def test_what_is_made_comes_back_as_it_was(
    kind: Kind, source: ClusterFolder, tmp_path: Path
) -> None:
    file = tmp_path / "new.ocvbackup"
    kind.make(source, file)
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o777 == 0o600
    found = restored(kind, file, tmp_path / "target")
    assert found.items() <= held(source).items() and KEY_FILE in found


@kinds
def test_a_wrong_passphrase_is_told_from_damage_and_writes_nothing(
    kind: Kind, tmp_path: Path
) -> None:
    with pytest.raises(BackupPassphraseWrong):
        restored(kind, BACKUPS / f"{kind.name}.ocvbackup", tmp_path / "target", OTHER)
    assert not (tmp_path / "target").exists()


@kinds
def test_a_damaged_header_is_damage(kind: Kind, tmp_path: Path) -> None:
    changed = kind.early.replace(b"enr:-", b"enr:+", 1)
    assert changed != kind.early
    assert refused(kind, changed, tmp_path) == kind.damaged


@kinds
def test_a_damaged_body_is_damage(kind: Kind, tmp_path: Path) -> None:
    content = bytearray(kind.early)
    content[-40 if kind.name == "cluster" else content.index(b'"ciphertext"') + 30] ^= 1
    assert refused(kind, bytes(content), tmp_path) == kind.damaged


@kinds
@pytest.mark.parametrize("left", [0.0, 0.01, 0.2, 0.5, 0.9, 0.999])
def test_what_is_left_of_a_backup_is_damage(kind: Kind, left: float, tmp_path: Path) -> None:
    content = kind.early.rstrip(b"\n")
    assert refused(kind, content[: int(len(content) * left)], tmp_path) == kind.damaged


@pytest.mark.parametrize("kept", [0, 11, 12, 27])
def test_a_body_too_short_for_anything_is_damage(kept: int, tmp_path: Path) -> None:
    first, _, rest = KINDS[1].early.partition(b"\n")
    assert refused(KINDS[1], first + b"\n" + rest[:kept], tmp_path) == KINDS[1].damaged


@given(place=st.integers(0, len(KINDS[1].early) - 1), change=st.integers(1, 255))
def test_no_changed_byte_gives_back_another_node(
    tmp_path_factory: pytest.TempPathFactory, place: int, change: int
) -> None:
    folder = tmp_path_factory.mktemp("changed")
    content = bytearray(KINDS[1].early)
    content[place] ^= change
    refused(KINDS[1], bytes(content), folder)


@pytest.mark.skipif(sys.platform == "win32", reason="forks, and limits of files")
@kinds
@pytest.mark.parametrize("left", [0.0, 0.3, 0.9])
def test_killed_while_it_is_written_it_is_no_backup_and_the_key_stays(
    kind: Kind, left: float, source: ClusterFolder, tmp_path: Path
) -> None:
    from tests.unit.keys.dying import killed_writing

    before, file = held(source), tmp_path / "half.ocvbackup"
    killed_writing(lambda: kind.make(source, file), int(len(kind.early) * left))
    assert held(source) == before
    assert refused(kind, file.read_bytes(), tmp_path) == kind.damaged


@pytest.mark.skipif(sys.platform == "win32", reason="forks, and limits of files")
@pytest.mark.parametrize("after", [0, 10, 1000])
def test_killed_while_it_is_restored_there_is_no_key_and_so_no_node(
    after: int, tmp_path: Path
) -> None:
    from tests.unit.keys.dying import killed_writing

    folder = ClusterFolder(tmp_path / "target")
    file = BACKUPS / "cluster.ocvbackup"
    killed_writing(lambda: restore_cluster(file, folder, Passphrase(STRONG), policy=CHEAP), after)
    assert not folder.key.exists()
