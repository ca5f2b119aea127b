# SPDX-License-Identifier: Apache-2.0
"""The scan finds a planted key in every form and place, and tells what it looked at."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers.secret_scan import scan
from tests.unit.keys.material import PUBLIC, SEED

EXPANDED = SEED + PUBLIC.raw

# A pattern with + and / in its base64, so that the two alphabets differ.
SPIKY = bytes(range(224, 256))

PLANTED = {
    "raw": SEED,
    "hex": SEED.hex().encode(),
    "HEX": SEED.hex().upper().encode(),
    "base64": base64.b64encode(SEED),
    "base64 of 64": base64.b64encode(EXPANDED),
    "base64 without padding": base64.b64encode(SEED).rstrip(b"="),
    "hex of 64": EXPANDED.hex().encode(),
    "inside base64, shifted by one": base64.b64encode(b"x" + SEED + b"y"),
    "inside base64, shifted by two": base64.b64encode(b"xx" + SEED + b"yyy"),
    "inside urlsafe base64": base64.urlsafe_b64encode(b"abc" + SEED),
}


@pytest.mark.parametrize("form", PLANTED)
def test_it_finds_a_key_planted_in_a_file(tmp_path: Path, form: str) -> None:
    (tmp_path / "deep").mkdir()
    file = tmp_path / "deep" / "node.log"
    file.write_bytes(b"x" * 100_000 + PLANTED[form] + b"y" * 1000)
    seen = scan([tmp_path], [], SEED)
    assert {found.place for found in seen.found} == {str(file)}
    assert seen.files == 1


def test_it_finds_both_alphabets_of_base64(tmp_path: Path) -> None:
    (tmp_path / "std").write_bytes(base64.b64encode(SPIKY))
    (tmp_path / "url").write_bytes(base64.urlsafe_b64encode(SPIKY))
    places = {Path(found.place).name for found in scan([tmp_path], [], SPIKY).found}
    assert places == {"std", "url"}


def test_it_finds_a_key_in_the_name_of_a_file(tmp_path: Path) -> None:
    (tmp_path / SEED.hex()).touch()
    assert "name" in scan([tmp_path], [], SEED).found[0].place


def test_a_single_file_may_be_a_root(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_bytes(SEED)
    assert scan([file], [], SEED).found


def test_other_keys_and_the_public_key_are_not_found(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(32) + bytes(range(2, 34)) + PUBLIC.raw)
    (tmp_path / "b").write_text(PUBLIC.base64 + PUBLIC.raw.hex() + PUBLIC.address)
    (tmp_path / "empty").touch()
    (tmp_path / "nearly").write_bytes(SEED[:-1])
    seen = scan([tmp_path], [], SEED)
    assert seen.found == ()
    assert seen.files == 4


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
@pytest.mark.parametrize("place", ["cmdline", "environ"])
def test_it_finds_a_key_at_a_process(place: str) -> None:
    text = base64.b64encode(SEED).decode()
    sleeping = [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)"]
    command = [*sleeping, text] if place == "cmdline" else sleeping
    extra = {"KEY": text} if place == "environ" else {}
    with subprocess.Popen(command, env=os.environ | extra, stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            child.stdout.readline()
            seen = scan([], [child.pid], SEED)
        finally:
            child.kill()
    assert [found.place for found in seen.found if place in found.place]
    assert seen.processes == 1


def test_what_it_could_not_read_is_said(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    time.sleep(0.01)
    seen = scan([tmp_path], [child.pid], SEED)
    assert seen.processes == 0
    assert len(seen.unread) == 1


def test_a_needle_that_is_no_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        scan([], [], b"short")
