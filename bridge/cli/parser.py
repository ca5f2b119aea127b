# SPDX-License-Identifier: Apache-2.0
"""The command line as a whole: each command brings its own part."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from node_manager.explanation import OneClickError
from node_manager.layout import APP, Layout
from node_manager.version import VERSION

OWNERS = {
    "window": "bridge.cli.window",
    "up": "bridge.cli.up",
    "contained": "bridge.cli.contained",
    "demo": "bridge.cli.demo",
    "status": "bridge.cli.status",
    "logs": "bridge.cli.logs",
    "start": "bridge.cli.control",
    "stop": "bridge.cli.control",
    "restart": "bridge.cli.control",
    "reset-chain-data": "bridge.cli.control",
    "quit": "bridge.cli.control",
    "doctor": "bridge.cli.doctor",
    "updates": "bridge.cli.updates",
    "networks": "bridge.cli.networks",
    "key": "bridge.cli.key",
    "tx": "bridge.cli.tx",
    "pairings": "bridge.cli.pairings",
    "dv": "bridge.cli.dv",
    "localnet": "bridge.localnet.cli",
    "orchestrator": "bridge.orchestrator.cli",
}
"""Command to the module whose `add_parser(commands)` adds it, in the order of the help."""


class Chosen(argparse.Namespace):
    """The parsed command line.

    Attributes:
        layout: the folders it works on.
        wants_window: whether the window shall run it instead of `run`.
    """

    layout: Layout
    data: Path | None = None
    headless: bool = False
    windowed: bool = False

    @property
    def wants_window(self) -> bool:
        """Whether a window was asked for."""
        return self.windowed and not self.headless


def parse(words: Sequence[str]) -> Chosen:
    """Parse the words after the program's name; without a command, the window is meant.

    Only the module of the named command is imported: the rest would slow its start.
    """
    parser = argparse.ArgumentParser(
        prog=APP, description="Turns this computer into a blockchain validator, safely."
    )
    parser.add_argument("--version", action="version", version=f"{APP} {VERSION}")
    parser.add_argument("--data", type=Path, help="the app's data folder")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    words = _with_command(words)
    named = next((OWNERS[word] for word in words if word in OWNERS), None)
    for module in [named] if named else dict.fromkeys(OWNERS.values()):
        import_module(module).add_parser(commands)
    chosen = parser.parse_args(words)
    layout = Layout.of_this_user(chosen.data)
    return Chosen(**{**vars(chosen), "layout": layout})


def _with_command(words: Sequence[str]) -> list[str]:
    """The words with `window` put in where no command is named (none at all, or a link)."""
    rest = list(words)
    for place, word in enumerate(rest):
        if place and rest[place - 1] == "--data":
            continue
        if "://" in word:
            return [*rest[:place], "window", *rest[place:]]
        if word in {"-h", "--help", "--version"} or not word.startswith("-"):
            return rest
    return [*rest, "window"]


def run(chosen: Chosen) -> int:
    """Run the chosen command; a typed error ends it with its sentences and code 1."""
    # Here, because the window's first picture needs no log and its library is slow to import.
    from node_manager import applog

    applog.configure()
    try:
        code: int = chosen.run(chosen)
    except OneClickError as error:
        for part in error.explanation.filled():
            if part:
                print(part, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output (`| head`) has gone: nobody is left to be told.
        sys.stderr.close()
        return 0
    return code
