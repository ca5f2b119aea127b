# SPDX-License-Identifier: Apache-2.0
"""Whether a signer that is killed at random moments ever signs twice.

Budget: `conflicting_pairs` is 0, always. One is a validator slashed and barred for ever. The judge
itself is judged in `tests/e2e/test_signer_judge.py`: it finds pairs in signers made worse.
"""

from __future__ import annotations

import argparse
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.report import Figure
from tests.e2e.judge.driving import Bench, build_judge

CYCLES = 1000


def run(argv: list[str]) -> Iterator[Figure]:
    """Kill, damage and start again, `--cycles` times."""
    arguments = argparse.ArgumentParser(prog="python -m tests.bench signer-chaos")
    arguments.add_argument("--cycles", type=int, default=CYCLES)
    arguments.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    chosen = arguments.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        verdict = Bench.on_unix(build_judge(), Path(name)).storm(chosen.cycles, chosen.seed)
    damaged = sum(verdict["damaged"].values())
    wrong = [*verdict.get("unexpected", []), *verdict.get("opened_damaged", [])]
    conditions = (
        f"{verdict['cycles']} cycles of kill -9, {verdict['killed_in_request']} of them while votes"
        f" were asked for, {damaged} damaged records {verdict['damaged']},"
        f" {verdict['signatures']} signatures at {verdict['positions']} positions,"
        f" {verdict['refused']} refusals, seed {chosen.seed}, {verdict['seconds']:.0f} s;"
        f" otherwise wrong: {wrong or 'nothing'}"
    )
    yield Figure("conflicting_pairs", verdict["conflicting_pairs"], "pairs", conditions=conditions)
    yield Figure(
        "damaged_records_opened",
        len(verdict.get("opened_damaged", [])),
        "records",
        conditions=f"of {damaged} records truncated, torn, changed, missing or put back",
    )
