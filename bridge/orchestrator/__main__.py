# SPDX-License-Identifier: Apache-2.0
"""`python -m bridge.orchestrator`: the same as `oneclick-validator orchestrator`."""

from __future__ import annotations

import sys

from bridge.cli.parser import parse, run

if __name__ == "__main__":
    sys.exit(run(parse(["orchestrator", *sys.argv[1:]])))
