# SPDX-License-Identifier: Apache-2.0
"""Where the recordings lie."""

from __future__ import annotations

from pathlib import Path

CHARON = Path(__file__).resolve().parents[2] / "fixtures" / "charon"


def lines(folder: str, name: str) -> list[str]:
    """The recorded lines of a run."""
    return (CHARON / folder / f"{name}.stderr.jsonl").read_text("utf-8").splitlines()
