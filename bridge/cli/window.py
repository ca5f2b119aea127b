# SPDX-License-Identifier: Apache-2.0
"""`window`: the app itself, also what runs without any command."""

from __future__ import annotations

import argparse


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("window", help="open the window (the default)")
    parser.add_argument("--exit-after", type=float, metavar="SECONDS", help=argparse.SUPPRESS)
    parser.add_argument("--say-when-shown", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("link", nargs="?", help="a oneclick-validator:// link")
    parser.set_defaults(windowed=True)
