# SPDX-License-Identifier: Apache-2.0
"""Key and signer on the real chain: any order of restarts, no secret anywhere, a move by backup."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from bridge.localnet.genesis import ChainRules
from bridge.localnet.record import LocalnetInfo
from node_manager.keys.consensus import ConsensusPublicKey
from node_manager.keys.keystore import KeyStore
from node_manager.keys.protection import Passphrase
from node_manager.runtime.record import read_record
from tests.e2e.conftest import own_localnet
from tests.helpers.app import PASSPHRASE, HeadlessApp, eventually
from tests.helpers.operator import Operator, missed_between, newest_height, signs_now
from tests.helpers.secret_scan import scan

BACKUP_PASSPHRASE = "nine lanterns above the frozen harbour"


@pytest.fixture(scope="module")
def localnet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalnetInfo]:
    """A network that is patient with a validator which is moved and restarted."""
    with own_localnet(tmp_path_factory, ChainRules(signed_blocks_window=1000)) as info:
        yield info


@dataclass
class OnChain:
    """The app's validator as the public chain shows it."""

    rpc_url: str
    address: str

    async def signs_again(self, after_what: str, seconds: float = 60) -> None:
        """Wait for its vote on a block that did not exist yet when this was called."""
        mark = await newest_height(self.rpc_url) + 1

        async def look() -> bool:
            return await signs_now(self.rpc_url, self.address, above=mark)

        await eventually(f"signing after {after_what}", look, seconds)


async def validator_on(app: HeadlessApp, localnet: LocalnetInfo, wallet: Path) -> OnChain:
    """Bring the app's validator up and into the active set."""
    app.start()
    told = await app.until("running")
    pubkey: str = told["consensusPubkey"]["key"]
    await Operator(localnet, wallet).create_validator(pubkey)
    onchain = OnChain(localnet.rpc_url, ConsensusPublicKey.from_base64(pubkey).address)
    await onchain.signs_again("it was made a validator")
    return onchain


def child(app: HeadlessApp, name: str) -> int:
    record = read_record(app.layout.node(app.network).run / f"{name}-process.json")
    assert record is not None
    assert record.pid is not None
    return record.pid


async def test_any_order_of_restarts_loses_only_the_blocks_in_between(
    app: HeadlessApp, localnet: LocalnetInfo, tmp_path: Path
) -> None:
    onchain = await validator_on(app, localnet, tmp_path / "wallet")
    began = await newest_height(localnet.rpc_url)

    os.kill(child(app, "signer"), signal.SIGKILL)
    await onchain.signs_again("the signer was killed", 20)

    node = child(app, "node")
    os.kill(node, signal.SIGKILL)
    await eventually("the node is another process", lambda: _other(app, "node", node), 20)
    await onchain.signs_again("the node was killed", 30)

    app.kill()
    os.kill(child(app, "signer"), signal.SIGKILL)
    app.start()
    await onchain.signs_again("app and signer were killed")

    app.kill()
    os.kill(child(app, "node"), signal.SIGKILL)
    app.start()
    await onchain.signs_again("app and node were killed")

    app.run("restart")
    await onchain.signs_again("a restart of the node")

    # What was missed is what lay in between, and the rest was signed.
    ended = await newest_height(localnet.rpc_url) - 1
    missed = await missed_between(localnet.rpc_url, onchain.address, began, ended)
    assert gaps_in(missed) <= 6, f"missed of {began} to {ended}: {missed}"
    assert len(missed) < ended - began

    store = KeyStore(app.layout.node(app.network))
    with Passphrase(PASSPHRASE) as passphrase:
        unlocked = await store.open(passphrase)
    with unlocked.seed as seed, seed.view() as view:
        needle = bytes(view)
    family = [psutil.Process(app.process.pid)] if app.process else []
    pids = [child(app, "node"), child(app, "signer"), *(process.pid for process in family)]
    pids += [process.pid for process in family[0].children(recursive=True)] if family else []
    found = scan([app.layout.data], sorted(set(pids)), needle)
    assert found.found == ()
    assert found.unread == ()
    assert found.files > 50
    assert found.processes == len(set(pids))
    assert app.end() == 0


def gaps_in(heights: list[int]) -> int:
    """How many runs of heights in a row there are."""
    return sum(1 for height in heights if height - 1 not in heights)


def _other(app: HeadlessApp, name: str, before: int) -> bool:
    record = read_record(app.layout.node(app.network).run / f"{name}-process.json")
    return record is not None and record.pid not in {None, before}


async def test_a_backup_moves_the_validator_and_never_beside_the_old_one(
    make_app: Callable[[str], HeadlessApp], localnet: LocalnetInfo, tmp_path: Path
) -> None:
    old = make_app("old")
    onchain = await validator_on(old, localnet, tmp_path / "wallet")
    secret = tmp_path / "backup-passphrase"
    secret.write_text(BACKUP_PASSPHRASE)
    secret.chmod(0o600)
    backup = tmp_path / "medium" / "validator.backup"
    backup.parent.mkdir()
    words = ["--passphrase-file", str(old.passphrase), "--backup-passphrase-file", str(secret)]
    old.run("key", "backup", str(backup), *words)
    told = old.run("key", "verify", str(backup), "--backup-passphrase-file", str(secret))
    assert "signing state" in told.stdout
    again = old.run("key", "backup", str(backup), *words, check=False)
    assert again.returncode == 1, "an existing file is not overwritten"

    restoring = ["--restore", str(backup), "--backup-passphrase-file", str(secret)]
    hasty = make_app("hasty")
    hasty.start(*restoring)
    assert hasty.process is not None
    assert hasty.process.wait(timeout=60) == 1, "it asks whether the old one is off"
    assert not hasty.layout.node("localnet").key.exists()

    # The old one still signs: the new one finds that out and refuses.
    new = make_app("new")
    new.start(*restoring, "--old-machine-is-off")
    failed = await new.until("failed", 60)
    assert failed["reason"]["code"] == "signer.doppelganger"
    assert onchain.address in failed["reason"]["why"]

    # Now it is off. The new one watches the chain, then signs.
    old.run("stop")
    new.run("start")
    await onchain.signs_again("the backup was restored elsewhere", 120)
    assert new.status()["chain"]["tombstoned"]["value"] in {False, None}
    assert new.end() == 0
