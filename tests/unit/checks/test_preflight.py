# SPDX-License-Identifier: Apache-2.0
"""Everything that is looked at before a start."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from node_manager.checks.preflight import PreflightPlan, preflight
from node_manager.checks.program import check_platform, check_program
from node_manager.checks.result import CheckResult, CheckState, Mend, PreflightFailed, require
from node_manager.explanation import Explanation
from tests.unit.cosmos.fake_program import make_program


def plan(folder: Path, **more: object) -> PreflightPlan:
    return PreflightPlan(folder, {}, **more)  # type: ignore[arg-type]


async def test_a_computer_in_order_passes(tmp_path: Path) -> None:
    results = await preflight(
        plan(
            tmp_path,
            target="linux/amd64",
            offered=("linux/amd64",),
            binary=make_program(tmp_path / "bin").binary,
        )
    )
    assert [r.id for r in results] == [
        "platform",
        "program",
        "data-folder",
        "disk",
        "memory",
        "open-files",
        "clock",
    ]
    assert not [r for r in results if r.state is CheckState.FAIL]
    assert all(str(r.explanation) and r.title for r in results)
    require(results)


async def test_a_taken_rest_port_stops_the_start(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        results = await preflight(PreflightPlan(tmp_path, {"REST": port}))
    with pytest.raises(PreflightFailed) as failed:
        require(results)
    assert f"Port {port} (REST) is taken" in str(failed.value)
    assert failed.value.facts["checks"] == ["port-rest"]


def test_unknown_and_warning_do_not_stop_a_start() -> None:
    told = Explanation("x", "x")
    require([CheckResult("x", "x", state, told) for state in (CheckState.UNKNOWN, CheckState.WARN)])


def test_a_platform_without_a_program_is_told_with_those_that_have_one() -> None:
    result = check_platform("windows/amd64", ("linux/amd64", "darwin/arm64"))
    assert result.state is CheckState.FAIL
    assert "darwin/arm64" in str(result.explanation)


async def test_a_program_that_does_not_run_can_be_installed_again(tmp_path: Path) -> None:
    missing = await check_program(tmp_path / "absent")
    assert (missing.state, missing.mend) == (CheckState.FAIL, Mend.INSTALL_PROGRAM)
    broken = tmp_path / "posd"
    broken.write_text("#!/bin/sh\necho no json\n")
    broken.chmod(0o755)
    assert (await check_program(broken)).state is CheckState.FAIL
    working = await check_program(make_program(tmp_path / "bin").binary)
    assert working.state is CheckState.OK
    assert "posd v1" in str(working.explanation)
