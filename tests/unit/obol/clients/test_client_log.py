# SPDX-License-Identifier: Apache-2.0
"""What a validator client said before it ended, as real ones wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from node_manager.obol.clients.log import last_words
from tests.unit.obol.recorded import CHARON

RECORDED = CHARON / "clients"


def test_why_prysm_ended_is_told_without_its_bookkeeping() -> None:
    said = last_words(RECORDED / "prysm-v6.1.4-fatal.log")
    assert said.startswith("version 0x01017000 for fork phase0 in config simulated conflicts")
    assert said.endswith("fork version schedule.")


def test_why_lodestar_ended_is_told_without_its_bookkeeping() -> None:
    """It was killed a second before, and takes its own lock for another's for ten seconds."""
    said = last_words(RECORDED / "lodestar-v1.23.0-locked.log")
    assert said.startswith("'/data/vc/lodestar/keystores/0x")
    assert said.endswith("/voting-keystore.json' already in use by another process.")


def test_a_client_that_ended_in_order_has_its_last_line() -> None:
    assert last_words(RECORDED / "prysm-v6.1.4.log") == "Stopping Prysm validator."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", ""),
        ("one\n\n", "one."),
        ("\x1b[31mERROR\x1b[0m no keys found.\nbye\n", "ERROR no keys found."),
        ("x" * 1000, "x" * 300 + "."),
    ],
)
def test_the_gravest_of_the_last_lines_is_kept_short(
    tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "vc.log").write_text(content)
    assert last_words(tmp_path / "vc.log") == said


def test_a_client_without_a_log_said_nothing(tmp_path: Path) -> None:
    assert last_words(tmp_path / "vc.log") == ""
