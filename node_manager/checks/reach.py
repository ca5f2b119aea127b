# SPDX-License-Identifier: Apache-2.0
"""Whether peers elsewhere reach this node, as far as the node's own list of peers tells."""

from __future__ import annotations

import time

from node_manager.checks.listening import Listening
from node_manager.checks.result import CheckResult, CheckState, good, not_known
from node_manager.explanation import Explanation
from node_manager.state import NodeStatus

CHECK, TITLE = "reach", "Reached from outside"


def check_reach(status: NodeStatus, listening: Listening | None) -> CheckResult:
    """A peer that dialled in from the internet is the only proof; without one it is not known.

    Args:
        listening: where the node's process listens, None when the system does not tell.
    """
    port = status.p2p_port
    if listening is not None and port is not None and port not in listening:
        return CheckResult(CHECK, TITLE, CheckState.WARN, _deaf(port))
    reached, inside = status.reached.current(), status.peers_in.current()
    if reached:
        return good(
            CHECK, TITLE, "Peers from the internet are in, says the node: {count}.", count=reached
        )
    if status.reached_at is not None:
        minutes = f"{max(0.0, time.time() - status.reached_at) / 60:.0f}"
        return good(
            CHECK,
            TITLE,
            "A peer from the internet was in {minutes} min ago, said the node.",
            minutes=minutes,
        )
    if inside is None:
        return not_known(
            CHECK, TITLE, "Whether peers reach this node is not known.", status.peers_in.why
        )
    told = Explanation(
        "reach-unknown",
        "Not known: nobody has come in from the internet since the app watches.",
        "The node's list of peers tells it; those that it dials are enough to sign.",
        "To be reached, let port {port} through the firewall and the router.",
        {"port": port},
    )
    return CheckResult(CHECK, TITLE, CheckState.UNKNOWN, told)


def _deaf(port: int) -> Explanation:
    return Explanation(
        "reach-deaf",
        "The node does not listen on its port {port} for peers.",
        "Nobody can come in; those that it dials are enough to sign.",
        "Restart the node; if it stays so, look at its log.",
        {"port": port},
    )
