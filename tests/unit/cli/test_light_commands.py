# SPDX-License-Identifier: Apache-2.0
"""A command that only asks the running app starts without the imports of the app."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from node_manager.layout import Layout

HEAVY = {"aiohttp", "PySide6", "sqlalchemy", "docker", "cosmpy", "numpy"}
_RUN = """
import json, sys
from desktop.launch import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print()
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize(
    "command", [["status", "--json"], ["status"], ["start"], ["quit"], ["pairings", "list"]]
)
def test_nothing_heavy_is_imported(command: list[str], layout: Layout) -> None:
    words = [sys.executable, "-c", _RUN, "--data", str(layout.data), *command]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    imported = set(json.loads(done.stdout.splitlines()[-1]))
    assert "bridge.server.control_client" in imported
    assert not HEAVY & imported
