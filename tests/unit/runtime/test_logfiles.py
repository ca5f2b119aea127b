# SPDX-License-Identifier: Apache-2.0
"""Logs are read from their end and followed through everything that happens to a file."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.runtime import logfiles
from node_manager.runtime.logfiles import MAX_LINE, follow, tail
from node_manager.runtime.logrotation import rotate

QUICK = 0.005


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    return tmp_path / "node.log"


def append(path: Path, content: str | bytes) -> None:
    with path.open("ab") as file:
        file.write(content.encode() if isinstance(content, str) else content)


async def take(lines: AsyncIterator[str], count: int) -> list[str]:
    async with asyncio.timeout(5):
        return [await anext(lines) for _ in range(count)]


def test_the_last_lines_oldest_first(log_file: Path) -> None:
    append(log_file, "a\nb\nc\n")
    assert tail(log_file, 2) == ["b", "c"]
    assert tail(log_file, 10) == ["a", "b", "c"]


def test_a_half_written_last_line_counts(log_file: Path) -> None:
    append(log_file, "a\nb\nhalf")
    assert tail(log_file, 2) == ["b", "half"]


def test_empty_lines_are_lines(log_file: Path) -> None:
    append(log_file, "a\n\n\n")
    assert tail(log_file, 3) == ["a", "", ""]


@pytest.mark.parametrize("content", [None, b""])
def test_no_file_and_an_empty_one_have_no_lines(log_file: Path, content: bytes | None) -> None:
    if content is not None:
        append(log_file, content)
    assert tail(log_file, 5) == []
    append(log_file, "a\n")
    assert tail(log_file, 0) == []


@given(
    lines=st.lists(st.text(st.characters(exclude_characters="\n\r"), max_size=40), max_size=60),
    count=st.integers(min_value=0, max_value=70),
    block=st.integers(min_value=1, max_value=64),
)
def test_blocks_of_any_size_give_the_same_lines(
    lines: list[str], count: int, block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("log") / "node.log"
    lines = [line.encode("utf-8", "replace").decode() for line in lines]
    append(path, "".join(f"{line}\n" for line in lines))
    usual, logfiles.BLOCK = logfiles.BLOCK, block
    try:
        assert tail(path, count) == (lines[-count:] if count else [])
    finally:
        logfiles.BLOCK = usual


def test_bytes_that_are_not_text_are_replaced(log_file: Path) -> None:
    append(log_file, b"good\n\xff\xfe bad \x80\n")
    assert tail(log_file, 2) == ["good", "\ufffd\ufffd bad \ufffd"]


def test_windows_line_ends_are_taken_off(log_file: Path) -> None:
    append(log_file, b"a\r\nb\r\n")
    assert tail(log_file, 2) == ["a", "b"]


def test_a_long_line_is_cut_and_says_so(log_file: Path) -> None:
    append(log_file, "é" * MAX_LINE + "\nnext\n")
    long, after = tail(log_file, 2)
    assert after == "next"
    assert long.endswith(f"… ({MAX_LINE} more bytes)")
    assert long.startswith("é" * (MAX_LINE // 2))


def test_a_large_file_does_not_go_into_memory(log_file: Path) -> None:
    with log_file.open("wb") as file:
        for _ in range(64):
            file.write(b"x" * 1023 + b"\n" * 1)
            file.write((b"y" * 99 + b"\n") * 5000)
    assert log_file.stat().st_size > 30_000_000
    tracemalloc.start()
    assert tail(log_file, 100) == ["y" * 99] * 100
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_the_lines_before_a_rotation_are_found(log_file: Path) -> None:
    append(log_file, "a\nb\nc\n")
    rotate(log_file)
    append(log_file, "d\n")
    assert tail(log_file, 3) == ["b", "c", "d"]


# --- followed --------------------------------------------------------------------------------


async def test_following_shows_the_last_lines_then_the_new_ones(log_file: Path) -> None:
    append(log_file, "a\nb\nc\n")
    async with aclosing(follow(log_file, lines=2, poll_seconds=QUICK)) as lines:
        assert await take(lines, 2) == ["b", "c"]
        append(log_file, "d\ne\n")
        assert await take(lines, 2) == ["d", "e"]


async def test_following_waits_for_the_end_of_a_line(log_file: Path) -> None:
    append(log_file, "a\nha")
    async with aclosing(follow(log_file, lines=5, poll_seconds=QUICK)) as lines:
        assert await take(lines, 1) == ["a"]
        waiting = asyncio.ensure_future(anext(lines))
        await asyncio.sleep(0.03)
        assert not waiting.done()
        append(log_file, "lf \xc3"[:-1].encode() + b"\xc3")
        await asyncio.sleep(0.02)
        append(log_file, b"\xa9\n")
        assert await waiting == "half é"


async def test_following_waits_for_the_file(log_file: Path) -> None:
    async with aclosing(follow(log_file, lines=5, poll_seconds=QUICK)) as lines:
        waiting = asyncio.ensure_future(anext(lines))
        await asyncio.sleep(0.02)
        append(log_file, "first\n")
        assert await waiting == "first"


async def test_following_goes_on_across_rotations_without_a_loss(log_file: Path) -> None:
    append(log_file, "0\n")
    async with aclosing(follow(log_file, lines=1, poll_seconds=QUICK)) as lines:
        assert await take(lines, 1) == ["0"]
        for start in range(1, 40, 4):
            append(log_file, f"{start}\n{start + 1}\n")  # not read before the rotation
            rotate(log_file)
            append(log_file, f"{start + 2}\n{start + 3}\n")
            assert await take(lines, 4) == [str(start + number) for number in range(4)]


async def test_a_truncated_file_that_has_grown_again_is_read_from_its_start(
    log_file: Path,
) -> None:
    append(log_file, "old line\n")
    async with aclosing(follow(log_file, lines=1, poll_seconds=QUICK)) as lines:
        assert await take(lines, 1) == ["old line"]
        log_file.write_text("one new line\nanother that makes the file longer than before\n")
        assert (await take(lines, 1)) == ["one new line"]


async def test_a_replaced_file_is_read_from_its_start(log_file: Path) -> None:
    append(log_file, "same\n")
    async with aclosing(follow(log_file, lines=1, poll_seconds=QUICK)) as lines:
        assert await take(lines, 1) == ["same"]
        other = log_file.with_name("other")
        other.write_text("same\nnew\n")
        other.replace(log_file)
        assert await take(lines, 2) == ["same", "new"]


async def test_a_file_that_vanishes_and_comes_back_is_followed(log_file: Path) -> None:
    append(log_file, "a\n")
    async with aclosing(follow(log_file, lines=1, poll_seconds=QUICK)) as lines:
        assert await take(lines, 1) == ["a"]
        waiting = asyncio.ensure_future(anext(lines))
        log_file.unlink()
        await asyncio.sleep(0.02)
        append(log_file, "b\n")
        assert await waiting == "b"


async def test_a_line_without_end_is_bounded_while_followed(log_file: Path) -> None:
    append(log_file, "start\n")
    async with aclosing(follow(log_file, lines=1, poll_seconds=QUICK)) as lines:
        assert await take(lines, 1) == ["start"]
        size = 20 * MAX_LINE
        append(log_file, b"x" * size)
        append(log_file, b"\nafter\n")
        long, after = await take(lines, 2)
        assert after == "after"
        assert long.endswith(f"… ({size - MAX_LINE} more bytes)")
