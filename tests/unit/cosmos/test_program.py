# SPDX-License-Identifier: Apache-2.0
"""The node program's command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from node_manager.cosmos import errors
from node_manager.cosmos.program import Program
from node_manager.runtime.errors import (
    ProgramForOtherPlatform,
    ProgramMissing,
    ProgramNotExecutable,
)
from tests.unit.cosmos.fake_program import make_program


async def test_the_version_is_read_past_the_noise_on_stderr(tmp_path: Path) -> None:
    version = await make_program(tmp_path).version()
    assert (version.server_name, version.version) == ("posd", "v1")


async def test_an_error_is_the_last_line_after_the_usage(tmp_path: Path) -> None:
    program = make_program(tmp_path)
    with pytest.raises(errors.ProgramFailed) as failed:
        await program.call("nosuch")
    assert failed.value.facts["said"] == "unknown command: nosuch"
    assert failed.value.facts["exit_code"] == 1


async def test_a_node_id_is_forty_hex_digits(tmp_path: Path) -> None:
    assert len(await make_program(tmp_path).node_id(tmp_path / "home")) == 40


async def test_a_command_that_hangs_is_ended(tmp_path: Path) -> None:
    with pytest.raises(errors.ProgramTimeout):
        await make_program(tmp_path).run("sleep", timeout=0.5)


async def test_why_a_program_cannot_run_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing):
        await Program(tmp_path / "absent").run("version")
    foreign = tmp_path / "foreign"
    foreign.write_bytes(b"\xcf\xfa\xed\xfe" + bytes(64))
    with pytest.raises(ProgramNotExecutable):
        await Program(foreign).run("version")
    foreign.chmod(0o755)
    with pytest.raises(ProgramForOtherPlatform):
        await Program(foreign).run("version")


def test_the_node_logs_json_in_its_own_home(tmp_path: Path) -> None:
    argv = Program(tmp_path / "posd").start_argv(tmp_path / "home", "--x")
    assert argv == [
        str(tmp_path / "posd"),
        "start",
        "--home",
        str(tmp_path / "home"),
        "--log_format",
        "json",
        "--x",
    ]
