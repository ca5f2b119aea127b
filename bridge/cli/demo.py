# SPDX-License-Identifier: Apache-2.0
"""`demo`: the app's main job on the localnet, from nothing, with throwaway folders."""

from __future__ import annotations

import argparse
import asyncio
import secrets
from pathlib import Path

from bridge.cli import up
from bridge.cli.parser import Chosen
from node_manager import applog
from node_manager.durable import make_private_folder, write_durably
from node_manager.layout import Layout


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("demo", help="start the localnet and a validator on it")
    up.add_arguments(parser)
    parser.set_defaults(run=run, windowed=True, prepare=prepare)


def run(chosen: Chosen) -> int:
    """Run headless on the localnet."""
    prepare(chosen)
    applog.configure(chosen.layout.logs / "app.log")
    return asyncio.run(up.stay(chosen))


def prepare(chosen: Chosen) -> None:
    """Start the localnet (built at the first time) and point the app at folders of its own."""
    outer = chosen.layout
    up.bring_up_localnet(outer)
    if chosen.data is None:
        chosen.layout = Layout(outer.localnet / "app", outer.cache)
    chosen.network = chosen.network or up.LOCALNET
    if chosen.protection is None and chosen.passphrase_file is None:
        chosen.passphrase_file = throwaway_passphrase(outer.localnet)
    print(f"The app's folder is {chosen.layout.data}.", flush=True)


def throwaway_passphrase(folder: Path) -> Path:
    """A passphrase of the demo's key, kept beside the localnet: a key of no worth."""
    file = make_private_folder(folder) / "demo-passphrase"
    if not file.exists():
        write_durably(file, secrets.token_urlsafe(24))
    return file
