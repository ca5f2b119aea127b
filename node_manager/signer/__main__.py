# SPDX-License-Identifier: Apache-2.0
"""`python -m node_manager.signer`: the signer's process; plan and key arrive on stdin."""

from __future__ import annotations

import sys

from node_manager.signer.main import main

if __name__ == "__main__":
    sys.exit(main())
