# SPDX-License-Identifier: Apache-2.0
"""A log read backwards, page by page, while it goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.runtime.logpages import LogPage, PlaceGone, read_page
from node_manager.runtime.logrotation import rotate
from node_manager.runtime.logtail import tail


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "node.log"


def all_pages(log: Path, lines: int) -> list[LogPage]:
    """From the newest to the oldest."""
    pages = [read_page(log, lines)]
    while (older := pages[-1].older) is not None:
        pages.append(read_page(log, lines, older))
    return pages


@given(
    st.lists(st.text("aä\r ", max_size=5), max_size=30),
    st.lists(st.text("b", max_size=3), max_size=10),
    st.integers(1, 9),
    st.booleans(),
)
def test_pages_leave_nothing_out_and_tell_nothing_twice(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[str],
    after: list[str],
    lines: int,
    half: bool,
) -> None:
    log = tmp_path_factory.mktemp("log") / "node.log"
    log.write_text("".join(f"{line}\n" for line in before), newline="")
    rotate(log)
    with log.open("a", newline="") as file:
        file.write("".join(f"{line}\n" for line in after) + ("half" if half else ""))
    pages = all_pages(log, lines)
    told = [line for page in reversed(pages) for line in page.lines]
    assert told == tail(log, 1000)
    assert all(len(page.lines) == lines for page in pages[:-1])


def test_a_page_goes_on_where_the_last_ended_after_a_rotation(log: Path) -> None:
    log.write_text("".join(f"line {number}\n" for number in range(10)))
    newest = read_page(log, 3)
    rotate(log)
    log.write_text("".join(f"new {number}\n" for number in range(100)))
    assert newest.older is not None
    assert read_page(log, 2, newest.older).lines == ["line 5", "line 6"]


def test_what_was_rotated_away_is_said_to_be_gone(log: Path) -> None:
    log.write_text("".join(f"line {number}\n" for number in range(10)))
    older = read_page(log, 3).older
    for turn in range(2):
        rotate(log)
        log.write_text(f"turn {turn}\n" * 100)
    with pytest.raises(PlaceGone):
        read_page(log, 3, older)


def test_a_log_that_is_not_there_has_an_empty_page(log: Path) -> None:
    assert read_page(log, 3) == LogPage([], None)
