# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.bench NAME [ARGS]`: run one bench and print its figures, one JSON line each."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

NO_BENCH = {"__init__", "__main__", "report"}


def names() -> list[str]:
    """The benches there are: modules of this folder that have a `run`."""
    return sorted(
        path.stem.replace("_", "-")
        for path in Path(__file__).parent.glob("*.py")
        if path.stem not in NO_BENCH and "def run(" in path.read_text("utf-8")
    )


def main(argv: list[str]) -> int:
    """Run the bench that `argv` names; 2 when there is none of that name."""
    if not argv or argv[0] not in names():
        print(f"usage: python -m tests.bench {{{','.join(names())}}} [ARGS]", file=sys.stderr)
        return 2
    bench = importlib.import_module(f"tests.bench.{argv[0].replace('-', '_')}")
    for figure in bench.run(argv[1:]) or ():
        print(figure.line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
