# SPDX-License-Identifier: Apache-2.0
"""Runs inside a desktop session: locks, opens and relocks a key; prints what happened as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from node_manager.keys.errors import KeyringEntryMissing, KeysError
from node_manager.keys.keystore import KeyStore, protection_of
from node_manager.keys.protection import Keyring, Passphrase
from node_manager.keys.system_keyring import SystemKeyring, secure_backend
from node_manager.layout import NodeFolder
from tests.unit.keys.material import CHAIN, CHEAP, STRONG


async def main(root: Path) -> None:
    deadline = time.monotonic() + 20
    while protection_of() != "keyring":
        if time.monotonic() > deadline:
            secure_backend()
        await asyncio.sleep(0.1)
    store = KeyStore(NodeFolder(root / "node"), policy=CHEAP)
    await store.create(Keyring(), chain_id=CHAIN)
    account = json.loads(store.folder.key.read_text())["lock"]["account"]
    told: dict[str, object] = {
        "backend": type(secure_backend()).__module__,
        "protection_of": protection_of(),
        "opened": len(await store.unlock(Keyring())) == 32,
    }
    info = await store.change_protection(Keyring(), Passphrase(STRONG))
    told["after_change"] = info.mode
    told["entry_gone"] = SystemKeyring().get(account) is None
    await store.change_protection(Passphrase(STRONG), Keyring())
    SystemKeyring().delete(json.loads(store.folder.key.read_text())["lock"]["account"])
    try:
        await store.unlock(Keyring())
    except KeyringEntryMissing as error:
        told["missing"] = type(error).__name__
    except KeysError as error:
        told["missing"] = str(error)
    print(json.dumps(told))


asyncio.run(main(Path(sys.argv[1])))
