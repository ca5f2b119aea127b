# SPDX-License-Identifier: Apache-2.0
"""Relocks a key in forks of itself, kills each at a random moment, and looks what is left.

Forks, so that the imports are paid once. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from node_manager.keys.errors import PassphraseWrong
from node_manager.keys.keystore import KeyStore
from node_manager.keys.protection import Passphrase
from node_manager.keys.secret import SecretBytes
from node_manager.layout import NodeFolder
from tests.unit.keys.material import CHAIN, CHEAP, OTHER, SEED, STRONG


class Judged(Passphrase):
    """A passphrase whose strength is known, so that most of the time goes into writing."""

    def require_strong(self) -> None:
        pass


async def first(store: KeyStore) -> None:
    with SecretBytes(SEED) as seed:
        await store.adopt(seed, Judged(STRONG), chain_id=CHAIN, origin="imported")


async def opening(store: KeyStore) -> list[str]:
    """The passphrases that open the key, to the right seed."""
    opened = []
    for words in (STRONG, OTHER):
        try:
            with await store.unlock(Judged(words)) as seed:
                if seed.reveal() == SEED:
                    opened.append(words)
        except PassphraseWrong:
            continue
    return opened


async def relock(store: KeyStore, ready: int) -> None:
    ways = [Judged(STRONG), Judged(OTHER)]
    if await opening(store) == [OTHER]:
        ways.reverse()
    os.write(ready, b"r")
    while True:
        await store.change_protection(*ways)
        ways.reverse()


def killed_once(store: KeyStore, seconds: float) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        asyncio.run(relock(store, writing))
    os.read(reading, 1)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)


def main(root: Path, cycles: int) -> None:
    store = KeyStore(NodeFolder(root), policy=CHEAP)
    asyncio.run(first(store))
    order = random.Random(4)
    versions, leftovers, unopened = set(), 0, 0
    for _ in range(cycles):
        killed_once(store, order.uniform(0.0, 0.08))
        unopened += len(asyncio.run(opening(store))) != 1
        versions.add(store.folder.key.read_bytes())
        leftovers += len(list(root.glob(".key.json.*")))
    print(json.dumps({"unopened": unopened, "versions": len(versions), "leftovers": leftovers}))


main(Path(sys.argv[1]), int(sys.argv[2]))
