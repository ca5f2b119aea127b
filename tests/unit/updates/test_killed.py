# SPDX-License-Identifier: Apache-2.0
"""A process killed while it remembers an announcement forgets none that it had acted on."""

from __future__ import annotations

import random
import subprocess
import sys
import time

from node_manager.layout import Layout
from node_manager.updates.memory import UpdateMemory
from tests.helpers.update_material import public

PROGRAM = """
import sys
from pathlib import Path
from node_manager.layout import Layout
from node_manager.updates.memory import UpdateMemory
from tests.helpers.update_material import announcement, document, public

folder, first = sys.argv[1:]
memory = UpdateMemory(Layout(Path(folder, "data"), Path(folder, "cache")), public())
print("ready", flush=True)
for number in range(int(first), 1_000_000):
    version = f"0.{number}.0"
    memory.take(document(version), announcement(version), 1.0, 2.0)
    print(number, flush=True)
"""


def test_what_was_told_is_remembered_after_kill_9(layout: Layout) -> None:
    memory, chance, last = UpdateMemory(layout, public()), random.Random(5), 1
    for _time in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(layout.data.parent), str(last + 1)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.02, 0.2))
        child.kill()
        told = [int(line) for line in child.communicate()[0].split("\n")[:-1]]
        last = max(told, default=last)
        remembered = memory.read().announcement()
        assert remembered is not None or not told
        if remembered is not None:
            kept = int(remembered.version.split(".")[1])
            assert kept in (last, last + 1), "the last one may have been on disk before its word"
            last = kept
    assert last > 10
