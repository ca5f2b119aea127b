# SPDX-License-Identifier: Apache-2.0
"""What the libraries of the product must leave as it is."""

from __future__ import annotations

import subprocess
import sys

EVERYTHING = (
    "import importlib, pkgutil, sys, bridge, node_manager\n"
    "before = sys.getrecursionlimit()\n"
    "for package in (node_manager, bridge):\n"
    "    for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
    "        if not found.name.endswith('__main__') and '.migrations.' not in found.name:\n"
    "            importlib.import_module(found.name)\n"
    "from node_manager.obol.cluster.typed_data import warm_up\n"
    "warm_up()\n"
    "print(sys.getrecursionlimit() - before)"
)


def test_no_library_of_the_product_raises_the_recursion_limit() -> None:
    """A hostile document that is nested deeply must meet RecursionError, not end the app."""
    told = subprocess.run(
        [sys.executable, "-c", EVERYTHING], capture_output=True, text=True, check=False
    )
    assert told.stdout.strip() == "0", told.stderr
