# SPDX-License-Identifier: Apache-2.0
"""`networks`: the profiles that a validator can join, and the import of another."""

from __future__ import annotations

import argparse
import asyncio

from bridge.cli.parser import Chosen
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.importing import import_profile


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("networks", help="network profiles")
    acts = parser.add_subparsers(title="acts", metavar="ACT", required=True)
    acts.add_parser("list", help="the known networks").set_defaults(run=show)
    bring = acts.add_parser("import", help="import a profile in chain-registry form")
    bring.add_argument("source", help="a file, a folder or a URL")
    bring.set_defaults(run=bring_in)


def show(chosen: Chosen) -> int:
    """List the networks with what is missing of each."""
    for profile in Catalogue(chosen.layout).profiles():
        missing = ", ".join(fact.field for fact in profile.missing() if fact.needed)
        print(f"{profile.id:<28} {profile.chain_id:<28} {missing and f'missing: {missing}'}")
    return 0


def bring_in(chosen: Chosen) -> int:
    """Import a profile."""
    profile = asyncio.run(import_profile(chosen.source, chosen.layout))
    print(f"{profile.id}: {profile.display_name} ({profile.chain_id})")
    return 0
