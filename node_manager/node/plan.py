# SPDX-License-Identifier: Apache-2.0
"""What a person decided before a validator exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from node_manager.keys.secret import SecretBytes
from node_manager.node.record import Ports, Runtime

MONIKER_BYTES = 70
"""Limit of the chain (cosmos-sdk x/staking, MaxMonikerLength)."""


@dataclass(frozen=True, slots=True)
class CometFiles:
    """A key made elsewhere: CometBFT's own two files.

    Attributes:
        key: `priv_validator_key.json`.
        state: `priv_validator_state.json`, None when it is lost.
        sign_from_height: confirmed by the person when there is no state file.
        old_machine_is_off: confirmed by the person.
    """

    key: Path
    state: Path | None = None
    sign_from_height: int | None = None
    old_machine_is_off: bool = False


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A backup of this app.

    Attributes:
        old_machine_is_off: confirmed by the person.
    """

    file: Path
    passphrase: SecretBytes = field(repr=False)
    old_machine_is_off: bool = False


@dataclass(frozen=True, slots=True)
class NodePlan:
    """The choices of the first run.

    Attributes:
        network: id of the profile.
        moniker: public name, 1 to 70 bytes.
        protection: how the key is encrypted at rest.
        passphrase: needed for the protection "passphrase".
        data_folder: where the chain's data shall lie; None for the app's data folder.
        key_source: None makes a new key.
        answers: what the profile does not say, by the missing fact's field.
        wallet_address: account that will operate the validator, empty when not known yet.
        ports: None for the usual ones.
        runtime: how the program runs; None for what suits the network and this computer.
        state_sync: begin with a snapshot of the network's state instead of its first block.
    """

    network: str
    moniker: str
    protection: Literal["keyring", "passphrase"]
    passphrase: SecretBytes | None = field(default=None, repr=False)
    data_folder: Path | None = None
    key_source: CometFiles | BackupFile | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    wallet_address: str = ""
    ports: Ports | None = None
    runtime: Runtime | None = None
    state_sync: bool = False
