# SPDX-License-Identifier: Apache-2.0
"""What the person has decided so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from desktop.obol.wizard.draft import DvDraft

if TYPE_CHECKING:
    from desktop.machine import Machine
    from node_manager.keys.secret import SecretBytes
    from node_manager.networks.profile import Profile
    from node_manager.node.plan import BackupFile, CometFiles, NodePlan
    from node_manager.runtime.docker.engine import EngineState

KeyOrigin = Literal["new", "backup", "comet"]


@dataclass(slots=True)
class Draft:
    """Filled by the steps; `plan` makes the engine's plan of it."""

    profile: Profile | None = None
    machine: Machine | None = None
    docker: EngineState | None = None
    moniker: str = ""
    data_folder: Path | None = None
    answers: dict[str, str] = field(default_factory=dict)
    state_sync: bool = False
    key_origin: KeyOrigin = "new"
    key_source: BackupFile | CometFiles | None = None
    protection: Literal["keyring", "passphrase"] = "keyring"
    passphrase: SecretBytes | None = None
    dv: DvDraft = field(default_factory=DvDraft)

    def plan(self) -> NodePlan:
        """The plan for the engine.

        Raises:
            RuntimeError: no network is chosen.
        """
        from node_manager.node.plan import NodePlan

        if self.profile is None:
            raise RuntimeError("no network is chosen")
        return NodePlan(
            network=self.profile.id,
            moniker=self.moniker,
            protection=self.protection,
            passphrase=self.passphrase,
            data_folder=self.data_folder,
            key_source=self.key_source,
            answers=dict(self.answers),
            state_sync=self.state_sync,
        )
