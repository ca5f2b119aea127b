# SPDX-License-Identifier: Apache-2.0
"""The entry point: children of the app, commands, or the window. Qt comes for the last only."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["signer"]:
        # Before anything else: the signer keeps its memory small and its imports few.
        from node_manager.signer.main import main as signer

        return signer()
    from bridge.cli.parser import parse, run

    chosen = parse(words)
    if chosen.wants_window:
        from desktop.quick_start import begin_quickly

        begin_quickly()
        from desktop.app import run as run_window

        return run_window(chosen)
    return run(chosen)


if __name__ == "__main__":
    sys.exit(main())
