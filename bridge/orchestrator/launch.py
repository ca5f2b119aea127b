# SPDX-License-Identifier: Apache-2.0
"""How the app starts the bundled orchestrator: a process of its own, on SQLite."""

from __future__ import annotations

from node_manager.layout import Layout
from node_manager.runtime.own_command import own_command
from node_manager.runtime.process import Launch

NAME = "orchestrator"


def orchestrator_launch(layout: Layout, *, port: int = 8000, network: str = "localnet") -> Launch:
    """The launch of the bundled orchestrator on 127.0.0.1:`port`."""
    prefix = "ONECLICK_ORCHESTRATOR_"
    return Launch(
        name=NAME,
        argv=own_command("--data", str(layout.data), "orchestrator", "serve", "--port", str(port)),
        cwd=layout.data,
        log=layout.logs / "orchestrator.log",
        env={
            f"{prefix}HOST": "127.0.0.1",
            f"{prefix}NETWORK": network,
            f"{prefix}PUBLIC_URL": f"http://localhost:{port}",
        },
    )
