# SPDX-License-Identifier: Apache-2.0
"""What the person has decided so far about a distributed validator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from node_manager.keys.secret import SecretBytes
    from node_manager.obol.manager import DvPlan

NETWORKS = {"hoodi": "Hoodi", "mainnet": "Ethereum"}
"""Networks that the window offers; settings know more."""

CLIENTS = ("lighthouse", "teku", "nimbus", "prysm", "lodestar")


@dataclass(slots=True)
class DvDraft:
    """Filled by the steps; `network` is empty while a chain's validator is wanted."""

    network: str = ""
    name: str = ""
    operator_address: str = ""
    beacon_nodes: tuple[str, ...] = ()
    client: str = "lighthouse"
    key_source: Path | None = None
    backup: Path | None = None
    passphrase: SecretBytes | None = None
    restore: Path | None = None
    """A backup to put back; `passphrase` opens it then, and the person vouched for being alone."""

    def plan(self) -> DvPlan:
        """The plan for the engine; the ceremony will wait for the person's word.

        Raises:
            SettingRefused: a setting cannot be what was given.
            RuntimeError: no passphrase was given.
        """
        from node_manager.keys.protection import Passphrase
        from node_manager.obol.keys.restoring import DvRestore
        from node_manager.obol.manager import DvPlan
        from node_manager.obol.settings import read_settings

        if self.passphrase is None:
            raise RuntimeError("no passphrase is given")
        settings = read_settings(
            {
                "network": self.network,
                "charon": {
                    "operatorAddress": self.operator_address,
                    "beaconNodeEndpoints": list(self.beacon_nodes),
                },
                "validatorClient": {"kind": self.client},
            }
        )
        if self.restore is not None:
            wanted = DvRestore(self.restore, Passphrase(self.passphrase), alone=True)
            return DvPlan(self.name, settings, restore=wanted, ask_addresses=True)
        return DvPlan(
            name=self.name,
            settings=settings,
            key_source=self.key_source,
            backup=self.backup,
            backup_passphrase=Passphrase(self.passphrase),
            ask_addresses=True,
        )
