# SPDX-License-Identifier: Apache-2.0
"""What a provider of cloud validators does. Docker is one; the interface leaves room for others.

Every act can be repeated: the worker may have been killed in its middle.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bridge.orchestrator.enums import CloudNodeStatus, ProviderName
from node_manager.explanation import OneClickError

Check = Callable[[], None]
"""Raises when the node is no longer the caller's to act on."""


@dataclass(frozen=True, slots=True)
class NodeWish:
    """The validator node that is wanted; `id` names its container and its volume.

    Attributes:
        deployment: names one wish to deploy, so that a repeated act finds what it made before.
        consensus_pubkey: the key it is known by, None before its first start: with another key
            or without its volume it must not come up.
    """

    id: uuid.UUID
    moniker: str
    network: str
    deployment: str
    wallet: str = ""
    consensus_pubkey: str | None = None
    cpu_cores: float | None = None
    memory_gb: float | None = None
    disk_gb: float | None = None


@dataclass(frozen=True, slots=True)
class NodeFound:
    """What the provider says of a node.

    Attributes:
        handle: the provider's own name of it (a container id).
        consensus_pubkey: base64, read from the running node; None before it is known.
        reason: why it is not well, in words; empty when it is.
    """

    handle: str
    status: CloudNodeStatus
    rpc_endpoint: str | None = None
    p2p_endpoint: str | None = None
    grpc_endpoint: str | None = None
    logs_url: str | None = None
    consensus_pubkey: str | None = None
    height: int | None = None
    reason: str = ""


class ProviderTrouble(OneClickError):
    """An act failed; `again` says whether trying again may help."""

    code = "provider-trouble"
    what = "The provider could not do it."
    why = "{reason}"
    todo = "It is tried again."
    again = True


class ProviderRefused(ProviderTrouble):
    """An act failed for good."""

    code = "provider-refused"
    todo = "Mend the cause, then deploy again."
    again = False


class KeyLost(ProviderRefused):
    """The volume with the validator's key is not there."""

    code = "provider-key-lost"
    what = "The validator is not deployed."
    why = "The volume {volume} with its key and its signing state is gone."
    todo = (
        "Bring the volume back from its backup. Without it the validator cannot sign; a new key "
        "would be another validator."
    )


class OtherKey(ProviderRefused):
    """The node came up with a key that is not the validator's."""

    code = "provider-other-key"
    what = "The node was stopped: it has another key than the validator."
    why = "It has {found}, the validator is known by {known}."
    todo = "Bring back the volume that belongs to this validator, then deploy it again."


class Provider(Protocol):
    """Runs validator nodes. Never two nodes on one volume, and the key never leaves it."""

    name: ProviderName

    def while_held(self, check: Check) -> Provider:
        """This provider, with `check` before each thing it does: a worker that was paused past
        its lease must not go on where another has been since."""

    async def create(self, wish: NodeWish) -> NodeFound:
        """Make the node, or find the one made before.

        Raises:
            ProviderTrouble: it did not work.
        """

    async def find(self, node_id: uuid.UUID) -> NodeFound | None:
        """The node as it is, None where there is none; raises as `create`."""

    async def start(self, node_id: uuid.UUID) -> None:
        """Start a node that ended or gave up; harmless when it runs; raises as `create`."""

    async def stop(self, node_id: uuid.UUID) -> None:
        """Stop it in order; the volume stays; raises as `create`."""

    async def redeploy(self, wish: NodeWish) -> NodeFound:
        """Replace the node by a fresh one on the same volume, once the old one is gone; raises
        as `create`."""

    async def remove(self, node_id: uuid.UUID, *, with_volume: bool) -> None:
        """Remove the node, and its key and state only when told so; raises as `create`."""

    async def logs(self, node_id: uuid.UUID, lines: int) -> list[str]:
        """The last lines it wrote; raises as `create`."""


Providers = Mapping[ProviderName, Provider]
