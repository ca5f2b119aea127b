# SPDX-License-Identifier: Apache-2.0
"""A file written durably is the old one or the new one, never a part."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from node_manager.durable import make_private_folder, write_durably


def test_only_the_owner_can_read_what_was_written(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    write_durably(file, "x")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_private_folder_is_closed_to_others_even_if_it_was_open(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o755)
    assert stat.S_IMODE(make_private_folder(folder).stat().st_mode) == 0o700


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "state"
    write_durably(file, "old")

    def no_space(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        write_durably(file, "new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "state"
    writer = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from node_manager.durable import write_durably
        number = 0
        while True:
            number += 1
            write_durably(Path(sys.argv[1]), f"{number:08d}" * 4096)
        """
    )
    for pause in (0.15, 0.2, 0.25, 0.3, 0.35):
        process = subprocess.Popen([sys.executable, "-c", writer, str(file)])
        deadline = time.monotonic() + 10
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        content = file.read_text()
        assert len(content) == 8 * 4096
        assert content == content[:8] * 4096
