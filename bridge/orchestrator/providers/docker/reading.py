# SPDX-License-Identifier: Apache-2.0
"""What a container and the app inside it say of a validator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from bridge.orchestrator.enums import CloudNodeStatus
from bridge.orchestrator.providers.base import NodeFound
from bridge.server.legacy_models import PubKey
from bridge.server.models import FigureBody, ReasonBody
from bridge.web.names import camel
from node_manager.state import NodeState

PYTHON = "/usr/local/bin/python"
ASK = [PYTHON, "-I", "-S", "/app/bridge/cli/ask_contained.py"]
"""For what is asked often: the app's own commands take a second of a core to start."""
STATUS = [*ASK, "status"]
LOGS = [*ASK, "logs"]
START = [PYTHON, "-P", "-m", "desktop.launch", "start"]

_OF_STATE = {
    NodeState.STOPPED: CloudNodeStatus.STOPPED,
    NodeState.STOPPING: CloudNodeStatus.STOPPED,
    NodeState.PREPARING: CloudNodeStatus.STARTING,
    NodeState.STARTING: CloudNodeStatus.STARTING,
    NodeState.BACKOFF: CloudNodeStatus.STARTING,
    NodeState.SYNCING: CloudNodeStatus.SYNCING,
    NodeState.RUNNING: CloudNodeStatus.RUNNING,
    NodeState.UPGRADING: CloudNodeStatus.RUNNING,
    NodeState.FAILED: CloudNodeStatus.ERROR,
}


class Inside(BaseModel):
    """What of the app's own status matters here (bridge.server.models.NodeBody)."""

    model_config = ConfigDict(alias_generator=camel, extra="ignore")

    state: NodeState
    reason: ReasonBody | None
    consensus_pubkey: PubKey | None
    height: FigureBody[int]
    catching_up: FigureBody[bool]

    @property
    def status(self) -> CloudNodeStatus:
        """In the words of the contract."""
        if self.state is NodeState.RUNNING and self.catching_up.value is False:
            return CloudNodeStatus.SYNCED
        return _OF_STATE[self.state]

    @property
    def words(self) -> str:
        """Why it is not well."""
        if self.reason is None:
            return ""
        return " ".join(part for part in (self.reason.what, self.reason.why) if part)


class Told(BaseModel):
    """The answer to STATUS."""

    running: bool
    nodes: list[Any]


def read_inside(output: bytes) -> Inside | None:
    """The validator in the answer to STATUS, None before there is one."""
    try:
        told = Told.model_validate_json(output)
        if not told.running or not told.nodes:
            return None
        return Inside.model_validate(told.nodes[0])
    except ValidationError:
        return None


def found_from(
    handle: str, state: Mapping[str, Any], inside: Inside | None, endpoint: str | None, words: str
) -> NodeFound:
    """The node of a container whose `State` is given (Docker Engine API, ContainerInspect).

    Args:
        words: the last line it wrote, for a container that ended.
    """
    if inside is not None:
        return NodeFound(
            handle,
            inside.status,
            p2p_endpoint=endpoint,
            consensus_pubkey=inside.consensus_pubkey.value if inside.consensus_pubkey else None,
            height=inside.height.value,
            reason=inside.words,
        )
    match state["Status"]:
        case "running" | "created":
            return NodeFound(handle, CloudNodeStatus.STARTING, p2p_endpoint=endpoint)
        case "exited" if state["ExitCode"] == 0:
            return NodeFound(handle, CloudNodeStatus.STOPPED, p2p_endpoint=endpoint)
    reason = f"The container is {state['Status']}, exit code {state['ExitCode']}. {words}"
    if state.get("OOMKilled"):
        reason = "The container used up its memory and was ended."
    return NodeFound(handle, CloudNodeStatus.ERROR, p2p_endpoint=endpoint, reason=reason.strip())
