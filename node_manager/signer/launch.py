# SPDX-License-Identifier: Apache-2.0
"""How the app starts a signer: plan and key on stdin, nothing on the command line."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import PlatformDirs

from node_manager.keys.secret import SecretBytes
from node_manager.layout import APP, NodeFolder
from node_manager.runtime.own_command import own_command
from node_manager.runtime.process import Launch
from node_manager.signer.plan import SEED, SignerPlan

CONTROL = "signer-control"
LOG = "signer.log"


def lock_folder() -> Path:
    """Where this user's signers lock their keys: one place, whatever data folder they use."""
    chosen = os.environ.get("ONECLICK_LOCKS")
    return Path(chosen) if chosen else PlatformDirs(APP, appauthor=False).user_state_path / "keys"


def plan_for(
    node: NodeFolder,
    *,
    chain_id: str,
    pubkey: bytes,
    node_address: str,
    node_id: str = "",
    seen_height: int | None = None,
    seen_round: int = 0,
    repair_above: int | None = None,
) -> SignerPlan:
    """The plan of the signer of `node`, with its folders filled in."""
    return SignerPlan(
        chain_id=chain_id,
        pubkey=pubkey,
        folder=node.signer,
        node_address=node_address,
        control=node.run / CONTROL,
        lock_folder=lock_folder(),
        node_id=node_id,
        seen_height=seen_height,
        seen_round=seen_round,
        repair_above=repair_above,
    )


def signer_launch(plan: SignerPlan, seed: SecretBytes, log: Path) -> Launch:
    """What runs the signer of `plan`.

    The launch's `stdin` is a bytearray with the key: overwrite it once the process is spawned
    (`wipe_stdin`).

    Raises:
        ValueError: the seed does not have 32 bytes.
    """
    if len(seed) != SEED:
        raise ValueError("an ed25519 seed has 32 bytes")
    stdin = bytearray(plan.to_line())
    with seed.view() as view:
        stdin += view
    return Launch(
        name="signer",
        argv=own_command("signer"),
        cwd=plan.control.parent,
        log=log,
        stdin=stdin,
    )


def wipe_stdin(launch: Launch) -> None:
    """Overwrite the key in a launch that was spawned."""
    if isinstance(launch.stdin, bytearray):
        launch.stdin[:] = bytes(len(launch.stdin))
