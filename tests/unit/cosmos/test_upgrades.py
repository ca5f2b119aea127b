# SPDX-License-Identifier: Apache-2.0
"""The upgrade that a node stopped for."""

from __future__ import annotations

from pathlib import Path

import pytest

from node_manager.cosmos.upgrades import UPGRADE_INFO, UpgradeWatch, is_due, read_upgrade_info
from tests.unit.cosmos.recorded import POSD

RECORDED = (POSD / "upgrade-info.json").read_bytes()


@pytest.fixture
def info(tmp_path: Path) -> Path:
    file = tmp_path / UPGRADE_INFO
    file.parent.mkdir()
    return file


def test_the_recorded_file_names_the_upgrade_and_its_programs(info: Path, tmp_path: Path) -> None:
    info.write_bytes(RECORDED)
    plan = read_upgrade_info(tmp_path)
    assert plan is not None
    assert (plan.name, plan.height) == ("v9-test", 5)
    assert plan.binaries["linux/amd64"].startswith("https://example.invalid/posd-v9.tar.gz?")


def test_a_file_that_is_being_written_is_no_plan_yet(info: Path, tmp_path: Path) -> None:
    watch = UpgradeWatch(tmp_path)
    assert watch.look() is None
    for end in range(len(RECORDED)):
        info.write_bytes(RECORDED[:end])
        assert read_upgrade_info(tmp_path) is None
        assert watch.look() is None
    info.write_bytes(RECORDED)
    plan = watch.look()
    assert plan is not None
    assert plan.name == "v9-test"
    info.unlink()
    assert watch.look() is None


@pytest.mark.parametrize("text", ["", "https://example.invalid/plan.json", "[]", '{"binaries":1}'])
def test_other_info_names_no_programs(text: str, info: Path, tmp_path: Path) -> None:
    info.write_text('{"name":"v2","height":7,"info":' + __import__("json").dumps(text) + "}")
    plan = read_upgrade_info(tmp_path)
    assert plan is not None
    assert plan.binaries == {}


def test_a_plan_is_due_until_the_node_is_past_its_height(info: Path, tmp_path: Path) -> None:
    info.write_bytes(RECORDED)
    plan = read_upgrade_info(tmp_path)
    assert plan is not None
    assert is_due(plan, None)
    assert is_due(plan, 5)
    assert not is_due(plan, 6)
