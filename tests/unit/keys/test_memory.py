# SPDX-License-Identifier: Apache-2.0
"""An open key lies once in memory; a wiped one lies there no more."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from node_manager.keys.keystore import KeyStore
from node_manager.keys.protection import Passphrase
from node_manager.layout import NodeFolder
from tests.unit.keys.material import CHEAP, STRONG

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.parametrize(("state", "copies"), [("open", 1), ("wiped", 0)])
def test_the_memory_of_a_process_holds_the_key_only_while_it_is_open(
    tmp_path: Path, state: str, copies: int
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.unit.keys.memory_child", tmp_path / "node", state],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        assert b"ready\n" in iter(child.stdout.readline, b"")
        found = _copies_in_memory(child.pid, _seed(tmp_path / "node"))
        child.stdin.close()
    assert found == copies


def _seed(root: Path) -> bytes:
    async def unlocked() -> bytes:
        store = KeyStore(NodeFolder(root), policy=CHEAP)
        with await store.unlock(Passphrase(STRONG)) as seed:
            return seed.reveal()

    return asyncio.run(unlocked())


def _copies_in_memory(pid: int, needle: bytes) -> int:
    count = 0
    try:
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                span, rights, *_ = line.split()
                if not rights.startswith("rw"):
                    continue
                low, high = (int(part, 16) for part in span.split("-"))
                memory.seek(low)
                count += memory.read(high - low).count(needle)
    except PermissionError:
        pytest.skip("this system lets no process read another's memory")
    return count
