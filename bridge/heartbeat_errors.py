# SPDX-License-Identifier: Apache-2.0
"""Why a heartbeat was not accepted."""

from __future__ import annotations

from node_manager.explanation import OneClickError


class OrchestratorUnreachable(OneClickError):
    """No answer, or not from an orchestrator."""

    code = "orchestrator-unreachable"
    what = "The heartbeat does not reach {url}."
    why = "{reason}"
    todo = "Check the address in Settings. The validator signs all the same."


class HeartbeatRefused(OneClickError):
    """The orchestrator answered, and not with yes."""

    code = "heartbeat-refused"
    what = "The orchestrator at {url} does not accept the heartbeat."
    why = "{reason} (HTTP {status})"
    todo = "{todo}"
