# SPDX-License-Identifier: Apache-2.0
"""`oneclick-validator orchestrator migrate|serve|worker|key`."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from bridge.cli.parser import Chosen
from node_manager import applog


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command; nothing heavy is imported until it runs."""
    parser = commands.add_parser("orchestrator", help="the service behind the portal")
    parser.add_argument("--env-file", type=Path, help="settings, one NAME=value a line")
    parser.add_argument("--port", type=int)
    parser.set_defaults(run=run, act="serve")
    acts = parser.add_subparsers(title="acts", metavar="ACT")
    serve = acts.add_parser("serve", help="serve the interface (the default)")
    serve.add_argument("--port", type=int, default=argparse.SUPPRESS)
    serve.set_defaults(act="serve")
    worker = acts.add_parser("worker", help="do the queued work")
    worker.set_defaults(act="worker")
    migrate = acts.add_parser("migrate", help="bring the database to this version's tables")
    migrate.add_argument("target", nargs="?", default="head", help="head, base, -1 or a revision")
    migrate.set_defaults(act="migrate")
    key = acts.add_parser("key", help="keys of operators")
    key.add_argument("change", choices=["create", "revoke"])
    key.add_argument("name")
    key.set_defaults(act="key")


def run(chosen: Chosen) -> int:
    """Run the chosen act."""
    from bridge.orchestrator import running

    overrides = {} if chosen.port is None else {"port": chosen.port}
    settings = running.settings_of(chosen.layout, chosen.env_file, **overrides)
    applog.configure(settings.log_file, console=True)
    match chosen.act:
        case "worker":
            return asyncio.run(running.work(settings, chosen.layout, chosen.env_file))
        case "migrate":
            return asyncio.run(running.bring(settings, chosen.target))
        case "key":
            return asyncio.run(running.change_key(settings, chosen.change, chosen.name))
        case _:
            return asyncio.run(running.serve(settings, chosen.layout, chosen.env_file))
