# SPDX-License-Identifier: Apache-2.0
"""A tiny program with the habits of `posd`: noise on stderr, usage before errors, files at init."""

from __future__ import annotations

import sys
from pathlib import Path

from node_manager.cosmos.program import Program
from tests.unit.cosmos.recorded import POSD

_SOURCE = """#!{python}
import json, pathlib, shutil, sys, time

args = sys.argv[1:]
print("service pos.poc.v1.Msg does not have an annotation", file=sys.stderr)
home = pathlib.Path(args[args.index("--home") + 1]) if "--home" in args else None

def refuse(said):
    print("Usage:\\n  posd [flags]\\n", file=sys.stderr)
    print(said, file=sys.stderr)
    sys.exit(1)

if args[0] == "version":
    print(json.dumps({{"name": "pos", "server_name": "posd", "version": "v1", "commit": "c",
                      "go": "go", "cosmos_sdk_version": "v0.53.3"}}))
elif args[0] == "init":
    (home / "config").mkdir(parents=True)
    (home / "data").mkdir()
    if (pathlib.Path(__file__).parent / "fail-init").exists():
        refuse("something went wrong")
    for name in ("config.toml", "app.toml", "client.toml"):
        shutil.copy("{posd}/" + name, home / "config" / name)
    (home / "config" / "node_key.json").write_text("{{}}")
    (home / "config" / "genesis.json").write_text(json.dumps({{"chain_id": args[3]}}))
    (home / "data" / "priv_validator_state.json").write_text('{{"height": "0"}}')
elif args[:2] == ["comet", "show-node-id"]:
    print("b5a33fbb4b5da2aa9e37f8a7d18d397b7cc6daa1")
elif args[0] == "sleep":
    time.sleep(60)
else:
    refuse("unknown command: " + args[0])
"""


def make_program(folder: Path) -> Program:
    """Write the program into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "posd"
    path.write_text(_SOURCE.format(python=sys.executable, posd=POSD))
    path.chmod(0o755)
    return Program(path)
