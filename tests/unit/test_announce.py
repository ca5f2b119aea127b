# SPDX-License-Identifier: Apache-2.0
"""A release can really be announced: what the tools sign, a build believes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from node_manager.networks.targets import this_target
from node_manager.updates.announcement import Announcement
from node_manager.updates.envelope import opened
from node_manager.version import VERSION
from tests.helpers.update_material import OTHER_KEY, announcement, document, public

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
TO = "https://updates.example.org/files"


def run(program: str, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PACKAGING / program), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Publisher:
    """Somebody with a key, an archive and an announcement."""

    def __init__(self, folder: Path) -> None:
        self.key, self.document = folder / "key.pem", folder / "announcement.json"
        self.archive = folder / f"oneclick-validator-{VERSION}-here.tar.gz"
        self.archive.write_bytes(b"an archive")
        made = run("announce.py", "key", self.key)
        assert made.returncode == 0, made.stderr
        self.public = made.stdout.strip()

    def sign(self, *more: object) -> subprocess.CompletedProcess[str]:
        return run(
            "announce.py", "sign", self.archive, "--to", self.document, "--key", self.key,
            "--download-url", TO, *more,
        )  # fmt: skip

    def announced(self) -> Announcement:
        return opened(self.document.read_bytes(), self.public)


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path)


def test_a_key_is_its_owners_alone_and_is_never_replaced(publisher: Publisher) -> None:
    before = publisher.key.read_bytes()
    if os.name == "posix":
        assert publisher.key.stat().st_mode & 0o077 == 0
    again = run("announce.py", "key", publisher.key)
    assert again.returncode == 1
    assert "stays as it is" in again.stderr
    assert publisher.key.read_bytes() == before


def test_an_archive_is_announced_as_a_build_believes_it(
    publisher: Publisher, tmp_path: Path
) -> None:
    changes = tmp_path / "changes.json"
    changes.write_text(json.dumps({"en": "More.", "de": "Mehr."}))
    done = publisher.sign("--changes", changes, "--minimum", "0.0.5", "--days", 30)
    assert done.returncode == 0, done.stderr
    told = publisher.announced()
    assert (told.version, told.minimum, told.changes_in("de")) == (VERSION, "0.0.5", "Mehr.")
    assert (told.expires - told.date).days == 30
    file = told.files[this_target()]
    assert file.url == f"{TO}/{publisher.archive.name}"
    assert file.size == len(b"an archive")


def test_another_platform_of_the_same_version_stays(publisher: Publisher, tmp_path: Path) -> None:
    assert publisher.sign().returncode == 0
    first = publisher.announced()
    file = first.files[this_target()]
    both = first.model_copy(update={"files": {"plan9/amd64": file}, "changes": {"en": "More."}})
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from node_manager.updates.envelope import sealed

    key = load_pem_private_key(publisher.key.read_bytes(), None)
    publisher.document.write_bytes(sealed(both, key))  # type: ignore[arg-type]
    assert publisher.sign().returncode == 0
    told = publisher.announced()
    assert set(told.files) == {"plan9/amd64", this_target()}
    assert told.changes_in("en") == "More."


def test_what_no_build_would_believe_is_refused(publisher: Publisher) -> None:
    publisher.document.write_bytes(document(key=OTHER_KEY))
    assert "not signed by the key" in publisher.sign().stderr
    publisher.document.unlink()
    assert "cannot be announced" in publisher.sign("--download-url", "http://example.org").stderr
    assert not publisher.document.exists()


def test_there_is_no_way_back_from_a_later_version(publisher: Publisher) -> None:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from node_manager.updates.envelope import sealed

    key = load_pem_private_key(publisher.key.read_bytes(), None)
    later = sealed(announcement("99.0.0"), key)  # type: ignore[arg-type]
    publisher.document.write_bytes(later)
    refused = publisher.sign()
    assert refused.returncode == 1
    assert "later than" in refused.stderr
    assert publisher.document.read_bytes() == later


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--updates-url", "https://example.org/a.json"], "needs --updates-key"),
        (["--updates-url", "http://example.org/a", "--updates-key", public()], "no https address"),
        (["--updates-url", "https://example.org/a", "--updates-key", "ab"], "has 32 bytes"),
    ],
)
def test_a_build_does_not_begin_with_a_source_that_is_not_safe(
    words: list[str], told: str, tmp_path: Path
) -> None:
    refused = run("build.py", "--dist", tmp_path / "d", "--work", tmp_path / "w", *words)
    assert refused.returncode == 1
    assert told in refused.stderr
    assert not (tmp_path / "d").exists()


def test_a_build_does_not_trust_another_key_than_it_is_announced_with(
    publisher: Publisher, tmp_path: Path
) -> None:
    refused = run(
        "build.py", "--dist", tmp_path / "d", "--updates-url", "https://example.org/a",
        "--updates-key", public(), "--key", publisher.key, "--download-url", TO,
    )  # fmt: skip
    assert refused.returncode == 1
    assert "not the private half" in refused.stderr
