# SPDX-License-Identifier: Apache-2.0
"""`contained`: one validator inside a container of ours; what the image's entry point runs.

Key, signing state and chain data lie in the data volume, the key encrypted. The passphrase that
opens it is made here, at the first start, in a volume of its own: a copy of the data volume
alone opens nothing, and neither ever leaves the container.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import secrets
import signal
from pathlib import Path

from bridge.cli import up
from bridge.cli.narrate import Narrator
from bridge.cli.parser import Chosen
from bridge.engine import Engine, EngineOptions
from node_manager import applog
from node_manager.durable import write_durably
from node_manager.explanation import OneClickError
from node_manager.layout import Layout

PASSPHRASE_FILE = "passphrase"  # noqa: S105  (a name)
SETTINGS = {
    "network": "ONECLICK_NETWORK",
    "moniker": "ONECLICK_MONIKER",
    "wallet": "ONECLICK_WALLET",
}
"""Options of `up` that the container's environment sets."""


class UnlockVolumeLost(OneClickError):
    """There is a key, and what opens it is gone."""

    code = "unlock-volume-lost"
    what = "The validator's key cannot be opened."
    why = "The passphrase in {folder} is gone, although the data volume holds a key."
    todo = "Bring the unlock volume that belongs to this data volume back. No new key is made."


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command; its settings come from the container's environment."""
    parser = commands.add_parser("contained", help="run one validator inside a container")
    parser.add_argument("--unlock", type=Path, default=Path("/unlock"), help="the unlock volume")
    up.add_arguments(parser)
    told = {option: os.environ.get(name, "") for option, name in SETTINGS.items()}
    parser.set_defaults(
        run=run,
        headless=True,
        protection="passphrase",
        **{option: value for option, value in told.items() if value},
    )


def run(chosen: Chosen) -> int:
    """Stay until SIGTERM, then end node and signer in order."""
    applog.configure(chosen.layout.logs / "app.log")
    chosen.passphrase_file = _passphrase(chosen.unlock, chosen.layout)
    return asyncio.run(_stay(chosen))


def _passphrase(folder: Path, layout: Layout) -> Path:
    """The file with the passphrase, made before the first key.

    Raises:
        UnlockVolumeLost: there is a key already, and no passphrase.
    """
    file = folder / PASSPHRASE_FILE
    if not file.exists():
        if any(layout.nodes.glob("*/key.json")):
            raise UnlockVolumeLost(folder=folder)
        write_durably(file, secrets.token_urlsafe(32))
    return file


async def _stay(chosen: Chosen) -> int:
    engine = Engine(EngineOptions(chosen.layout, doors=False, start_nodes=False))
    engine.broadcast.subscribe(Narrator(lambda line: print(line, flush=True)))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, engine.ask_to_end)
    # The engine takes a lock in the data volume: a second container on it ends here.
    await engine.open()
    try:
        await up.ensure_running(engine, chosen)
        await engine.ended.wait()
    finally:
        print("Ending in order: node, signer.", flush=True)
        await engine.close(stop_nodes=True)
    return 0
