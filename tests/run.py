# SPDX-License-Identifier: Apache-2.0
"""Every layer of tests, side by side where two cores allow it: `python -m tests.run [LAYER ...]`.

The static checks and the build of the localnet go on beside the unit tests; the end-to-end
tests come last, since they watch a real chain keep its time. One that failed is tried once more
and reported as rerun: on a busy machine a second may become ten.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider")


@dataclass
class Phase:
    """One command whose output is shown whole when it has ended."""

    name: str
    command: tuple[str, ...]
    output: Path = field(default_factory=Path)
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0

    def start(self, folder: Path) -> None:
        self.output = folder / self.name
        self.began = time.monotonic()
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                self.command, cwd=CHECKOUT, stdout=out, stderr=subprocess.STDOUT, env=environment()
            )

    def end(self) -> bool:
        assert self.process is not None
        code = self.process.wait()
        took = time.monotonic() - self.began
        print(f"\n===== {self.name}: {'ok' if code == 0 else f'FAILED ({code})'} in {took:.0f} s")
        print(self.output.read_text(errors="replace"), flush=True)
        return code == 0


def environment() -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen"}


def python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)


def tool(name: str, *arguments: str) -> tuple[str, ...]:
    return (str(Path(sys.executable).parent / name), *arguments)


STATIC = (
    Phase("format", tool("ruff", "format", "--check", ".")),
    Phase("lint", tool("ruff", "check", ".")),
    Phase("imports", tool("lint-imports")),
    Phase("types", tool("mypy")),
)
BUILD_LOCALNET = (
    "import asyncio; from bridge.localnet.build import ensure_build;"
    " from node_manager.layout import Layout;"
    " asyncio.run(ensure_build(Layout.of_this_user(), print))"
)
BUILDS = (Phase("localnet", python("-c", BUILD_LOCALNET)),)
UNIT = (Phase("unit", python(*PYTEST, "-n", "2", "tests/unit")),)
GUI = (Phase("gui", python(*PYTEST, "-n", "2", "tests/gui")),)
E2E = (
    Phase(
        "e2e",
        python(
            *PYTEST, "-n", "3", "--no-loadscope-reorder", "--max-worker-restart", "0",
            "--reruns", "1", "-r", "fER", "--timeout", "600", "--durations", "25", "tests/e2e",
        ),
    ),
)  # fmt: skip


def main(layers: list[str]) -> int:
    wanted = layers or ["static", "unit", "gui", "e2e"]
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def run(*groups: tuple[str, tuple[Phase, ...]]) -> None:
            lanes = [list(phases) for layer, phases in groups if layer in wanted]
            running: list[tuple[list[Phase], Phase]] = []
            while lanes or running:
                for lane in [lane for lane in lanes if lane]:
                    phase = lane.pop(0)
                    phase.start(folder)
                    running.append((lane, phase))
                    lanes.remove(lane)
                for lane, phase in list(running):
                    assert phase.process is not None
                    if phase.process.poll() is None:
                        continue
                    running.remove((lane, phase))
                    if not phase.end():
                        failed.append(phase.name)
                    if lane:
                        lanes.append(lane)
                time.sleep(0.1)

        run(("e2e", BUILDS), ("static", STATIC), ("unit", UNIT))
        run(("gui", GUI))
        run(("e2e", E2E))
    print(f"Failed: {', '.join(failed)}" if failed else "Everything passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
