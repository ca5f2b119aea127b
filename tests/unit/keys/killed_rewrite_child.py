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


def killed_at(store: KeyStore, call: str, number: int, *, after: bool) -> None:
    """Relock in a fork that dies right before or after its call `os.<call>` of this number."""
    child = os.fork()
    if child == 0:
        real, seen = getattr(os, call), 0

        def dying(*arguments: object) -> object:
            nonlocal seen
            seen += 1
            if seen == number and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = real(*arguments)
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        setattr(os, call, dying)
        asyncio.run(store.change_protection(Judged(STRONG), Judged(OTHER)))
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def at_each_step(root: Path) -> dict[str, list[str]]:
    """What opens the key after a death around the sync of the file, the rename, the folder's."""
    opens = {}
    for call, number, after in (
        ("fsync", 1, False),
        ("replace", 1, False),
        ("replace", 1, True),
        ("fsync", 2, True),
    ):
        name = f"{'after' if after else 'before'} {call} {number}"
        store = KeyStore(NodeFolder(root / name.replace(" ", "-")), policy=CHEAP)
        asyncio.run(first(store))
        killed_at(store, call, number, after=after)
        words = asyncio.run(opening(store))
        opens[name] = ["old" if word == STRONG else "new" for word in words]
    return opens


def at_random(root: Path, cycles: int) -> dict[str, int]:
    """How often the key did not open by exactly one passphrase, and how many files were met."""
    store = KeyStore(NodeFolder(root), policy=CHEAP)
    asyncio.run(first(store))
    order = random.Random(4)
    versions, unopened = set(), 0
    for _ in range(cycles):
        killed_once(store, order.uniform(0.0, 0.08))
        unopened += len(asyncio.run(opening(store))) != 1
        versions.add(store.folder.key.read_bytes())
    return {"unopened": unopened, "versions": len(versions)}


def main(root: Path, cycles: int) -> None:
    told = {"steps": at_each_step(root), "random": at_random(root / "random", cycles)}
    print(json.dumps(told))


main(Path(sys.argv[1]), int(sys.argv[2]))
