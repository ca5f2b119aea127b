# SPDX-License-Identifier: Apache-2.0
"""Names and labels of a validator's container and volumes. The name is a lock: it is unique."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

SERVICE = "oneclick.service"
NODE = "oneclick.node"
DEPLOYMENT = "oneclick.deployment"
P2P_PORT = "oneclick.p2p-port"


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one node's things on the engine."""

    service: str
    node_id: uuid.UUID

    @property
    def container(self) -> str:
        """The container; the engine gives a name once."""
        return f"{self.service}-{self.node_id}"

    @property
    def data(self) -> str:
        """The volume with the encrypted key, the signing state and the chain's data."""
        return f"{self.container}-data"

    @property
    def unlock(self) -> str:
        """The volume with the passphrase of the key."""
        return f"{self.container}-unlock"

    @property
    def labels(self) -> dict[str, str]:
        """What marks them as ours."""
        return {SERVICE: self.service, NODE: str(self.node_id)}
