# SPDX-License-Identifier: Apache-2.0
"""One line of a node's log in each of its formats."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node_manager.cosmos.log_lines import parse_line
from tests.unit.cosmos.recorded import POSD


def test_a_plain_line_tells_level_module_and_text() -> None:
    line = parse_line('1:40PM ERR failed signing vote err="no \\"key\\"" module=consensus')
    assert (line.level, line.module) == ("error", "consensus")
    assert line.text == 'failed signing vote err="no "key"" module=consensus'


def test_colours_do_not_matter() -> None:
    lines = (POSD / "logs/node_plain_ansi.log").read_text().splitlines()
    parsed = [parse_line(line) for line in lines]
    assert {line.level for line in parsed} >= {"info", "warn"}
    assert not any("\x1b" in line.text for line in parsed)


def test_of_two_modules_the_last_counts() -> None:
    line = parse_line('{"level":"info","module":"server","module":"p2p","message":"m"}')
    assert (line.module, line.text) == ("p2p", "m")


def test_stack_traces_are_left_out() -> None:
    halted = (POSD / "logs/upgrade_halt.log").read_text().splitlines()
    failure = next(line for line in halted if "CONSENSUS FAILURE" in line)
    assert "goroutine" not in parse_line(failure).text


def test_every_recorded_json_line_has_a_level_and_a_time() -> None:
    for raw in (POSD / "logs/node_json.jsonl").read_text().splitlines():
        line = parse_line(raw)
        assert line.level in {"debug", "info", "warn", "error"}
        assert line.time.startswith("2026-")


@given(st.text())
def test_any_text_is_a_line(text: str) -> None:
    assert parse_line(text).level in {"", "debug", "info", "warn", "error"}
