# SPDX-License-Identifier: Apache-2.0
"""Makes and opens a key, wipes it where it is told to, and waits to be looked into."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from node_manager.keys.keystore import KeyStore
from node_manager.keys.protection import Passphrase
from node_manager.layout import NodeFolder
from tests.unit.keys.material import CHAIN, CHEAP, STRONG


async def main(root: Path, *, wiped: bool) -> None:
    store = KeyStore(NodeFolder(root), policy=CHEAP)
    with Passphrase(STRONG) as passphrase:
        await store.create(passphrase, chain_id=CHAIN)
        seed = await store.unlock(passphrase)
    if wiped:
        seed.close()
    print("ready", flush=True)
    sys.stdin.readline()
    del seed


asyncio.run(main(Path(sys.argv[1]), wiped=sys.argv[2] == "wiped"))
