# SPDX-License-Identifier: Apache-2.0
"""A log is found line by line, whatever its format and whatever rotation does to its file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.logview.index import LogIndex, Snapshot
from desktop.logview.line import read_line
from desktop.logview.logfile import LogText
from desktop.logview.search import BadPattern, Matcher, Wanted
from node_manager.runtime.logrotation import rotate
from tests.helpers.log_samples import FIXTURES, block_lines


def everything(text: LogText, index: LogIndex) -> Snapshot:
    text.grow()
    while index.take_in():
        pass
    while index.search():
        pass
    return index.snapshot()


def opened(path: Path) -> tuple[LogText, LogIndex]:
    text = LogText(path, path.parent / "spool")
    text.open()
    return text, LogIndex(text)


def lines_of(text: LogText, snapshot: Snapshot) -> list[bytes]:
    return [text.read(*snapshot.span(snapshot.line_at(row))) for row in range(snapshot.shown)]


@pytest.mark.parametrize(
    "name", ["node_plain.log", "node_json.jsonl", "node_plain_ansi.log", "disk_full.log"]
)
def test_levels_are_those_that_the_node_wrote(name: str) -> None:
    text, index = opened(FIXTURES / name)
    snapshot = everything(text, index)
    told = [read_line(line) for line in (FIXTURES / name).read_bytes().split(b"\n")[:-1]]
    assert snapshot.count == len(told)
    assert len(snapshot.errors) == sum(line.level == "ERR" for line in told)
    assert len(snapshot.warnings) == sum(line.level == "WRN" for line in told)
    text.close()


@given(st.lists(st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b" ")), max_size=40))
def test_every_line_is_found_where_it_stands(tmp_path_factory, lines: list[bytes]) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.mktemp("log") / "node.log"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    text, index = opened(path)
    assert lines_of(text, everything(text, index)) == lines
    text.close()


def test_a_line_counts_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "node.log"
    path.write_text("1:27PM INF one\n1:27PM ER")
    text, index = opened(path)
    assert everything(text, index).count == 1
    with path.open("a") as file:
        file.write("R two\n")
    snapshot = everything(text, index)
    assert (snapshot.count, list(snapshot.errors)) == (2, [1])
    text.close()


def test_a_trace_belongs_to_its_error(tmp_path: Path) -> None:
    path = tmp_path / "node.log"
    path.write_text("1:27PM INF one\n1:27PM ERR two\ngoroutine 1:\n\tmain.go:3\n1:27PM INF three\n")
    text, index = opened(path)
    index.wish("error", Wanted())
    assert [line[:4] for line in lines_of(text, everything(text, index))] == [
        b"1:27", b"goro", b"\tmai",
    ]  # fmt: skip
    assert len(index.snapshot().errors) == 1
    text.close()


def test_rotation_loses_no_line_and_moves_none(tmp_path: Path) -> None:
    path, wrote = tmp_path / "node.log", [f"line {number}" for number in range(3000)]
    path.write_text("\n".join(wrote[:1000]) + "\n")
    text, index = opened(path)
    everything(text, index)
    with path.open("a") as file:
        file.write("\n".join(wrote[1000:1500]) + "\n")
    rotate(path)
    with path.open("a") as file:
        file.write("\n".join(wrote[1500:2900]) + "\n")
    everything(text, index)
    rotate(path)
    with path.open("a") as file:
        file.write("\n".join(wrote[2900:]) + "\n")
    assert lines_of(text, everything(text, index)) == [line.encode() for line in wrote]
    text.close()
    again, anew = opened(path)
    assert lines_of(again, everything(again, anew)) == [line.encode() for line in wrote]
    again.close()


def test_a_log_that_comes_later_is_found(tmp_path: Path) -> None:
    text, index = opened(tmp_path / "node.log")
    assert everything(text, index).count == 0
    (tmp_path / "node.log").write_text("hello\n")
    assert everything(text, index).count == 1
    text.close()


def test_a_search_counts_lines_and_goes_on_as_they_come(tmp_path: Path) -> None:
    path = tmp_path / "node.log"
    path.write_text("\n".join(block_lines(200, now=1e9)) + "\n")
    text, index = opened(path)
    index.wish("all", Wanted("height=4182800", regex=False))
    assert len(everything(text, index).hits) == 3
    index.wish("all", Wanted("height=41828[01]0 ", regex=True, only=True))
    assert everything(text, index).shown == 6
    with path.open("a") as file:
        file.write("height=4182800 \n")
    assert everything(text, index).shown == 7
    text.close()


def test_an_expression_that_takes_for_ever_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "node.log"
    path.write_text("a" * 40 + "!\n")
    text, index = opened(path)
    index.wish("all", Wanted("(a+)+$", regex=True))
    assert everything(text, index).trouble == "costly"
    text.close()


def test_a_broken_expression_says_what_is_wrong_with_it() -> None:
    with pytest.raises(BadPattern, match="parenthes"):
        Matcher(Wanted("(peer", regex=True))


def test_a_search_of_any_alphabet_finds_its_line() -> None:
    block = "eins\nzwölf Bäume\ndrei\n".encode()
    assert Matcher(Wanted("bäume", regex=True)).lines(block) == [1]
    assert Matcher(Wanted("Bäume")).lines(block) == [1]


def test_a_line_of_json_is_told_in_words() -> None:
    line = read_line(
        b'{"level":"error","module":"p2p","err":"read: reset","height":12,'
        b'"time":"2026-11-22T13:48:57Z","message":"stopping peer"}'
    )
    assert (line.level, line.message, line.module) == ("ERR", "stopping peer", "p2p")
    assert line.fields == 'err="read: reset" height=12'
    assert line.at == 1795355337
