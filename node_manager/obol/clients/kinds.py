# SPDX-License-Identifier: Apache-2.0
"""Validator clients beside charon: for each its launch line and how it takes the key shares.

Every client talks to charon's validator API and knows that its keys are shares (`--distributed`
or its own word for it). Launch lines: Obol's published cluster configurations.
"""

from __future__ import annotations

import json
import os
import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from node_manager.durable import PRIVATE_FILE, make_private_folder, write_durably
from node_manager.obol.ceremony.artefacts import keystore_files, password_of
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.keys.keystores import read_keystore
from node_manager.obol.settings import DvSettings

ZERO_ADDRESS = "0x" + "0" * 40
"""The fee recipient of the client itself; charon puts in what the cluster agreed on."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command that must end well before the client is started.

    Attributes:
        stamp: file that says it was done, so that it is not done twice.
    """

    argv: list[str]
    stamp: Path


class Client(ABC):
    """One validator client for one cluster."""

    name: ClassVar[str]
    program: ClassVar[str]
    listens: ClassVar[tuple[str, ...]]
    """What lets others than this computer read its metrics: for a container's published port."""

    kept: ClassVar[tuple[str, ...]] = ()
    """Folders of its data that it only reads."""

    def __init__(
        self,
        folder: ClusterFolder,
        settings: DvSettings,
        *,
        charon: str = "",
        between: str = "",
        home: str = "",
    ) -> None:
        """`charon` as "host:port" when it is not here; `between` two paths in one argument.

        `home` is its data folder as it sees it, empty where it sees what we see.
        """
        self.folder = folder
        self.settings = settings
        self.data = folder.client / self.name
        self._charon = charon
        self._between = between or os.pathsep
        self._home = home

    @property
    def api(self) -> str:
        """charon's validator API as this client reaches it."""
        address = self._charon or self.settings.charon.validator_api_address
        host, _, port = address.rpartition(":")
        return f"http://{'127.0.0.1' if host in {'0.0.0.0', ''} else host}:{port}"  # noqa: S104

    @property
    def graffiti(self) -> str:
        """At most 32 bytes, empty for the client's own."""
        return self.settings.validator_client.graffiti

    @property
    def metrics_port(self) -> str:
        """Port of its own metrics."""
        return str(self.settings.validator_client.metrics_port)

    @abstractmethod
    def prepare(self) -> list[Command]:
        """Lay out the key shares; what remains to be run. Blocks for the disk.

        Raises:
            KeystoreRefused: a key share or its password is not there.
            OSError: nothing is started.
        """

    @abstractmethod
    def arguments(self) -> list[str]:
        """Its arguments, without the program."""

    def environment(self, home: str) -> dict[str, str]:
        """What a container of it needs besides; `home` is its data folder inside."""
        return {}

    def imported(self) -> bool:
        """Whether every key share has been laid out already."""
        return all(target.exists() for _, target in self.places())

    def places(self) -> list[tuple[Path, Path]]:
        """Each key share and where this client wants it."""
        return []

    def _copy(self, source: Path, target: Path) -> None:
        """Copy a secret durably; a present one of the same bytes stays."""
        content = source.read_bytes()
        between = [one for one in target.parents if one.is_relative_to(self.data)]
        for folder in reversed(between):  # `mkdir` gives only the last one its mode
            make_private_folder(folder)
        if not target.exists() or target.read_bytes() != content:
            write_durably(target, content, mode=PRIVATE_FILE)

    def _seen(self, path: Path) -> str:
        """A path of its data as it sees it."""
        if not self._home:
            return str(path)
        return f"{self._home}/{path.relative_to(self.data).as_posix()}"

    def _graffiti(self, flag: str) -> list[str]:
        return [f"{flag}={self.graffiti}"] if self.graffiti else []


def _public_key(keystore: Path) -> str:
    return f"0x{read_keystore(keystore).public_key.hex()}"


class Lighthouse(Client):
    """Lighthouse: a list of definitions beside the keystores, passwords in `secrets/`."""

    name = "lighthouse"
    program = "lighthouse"
    listens = ("--metrics-address=0.0.0.0",)
    kept = ("secrets",)

    def places(self) -> list[tuple[Path, Path]]:
        """Keystores in `validators/`."""
        return [
            (file, self.data / "validators" / file.name) for file in keystore_files(self.folder)
        ]

    def prepare(self) -> list[Command]:
        """Copy the key shares and write `validator_definitions.yml` (JSON is YAML)."""
        definitions = []
        for source, target in self.places():
            password = self.data / "secrets" / f"{source.stem}.txt"
            password_of(source)
            self._copy(source, target)
            self._copy(source.with_suffix(".txt"), password)
            definitions.append(
                {
                    "enabled": True,
                    "voting_public_key": _public_key(source),
                    "type": "local_keystore",
                    "voting_keystore_path": self._seen(target),
                    "voting_keystore_password_path": self._seen(password),
                }
            )
        path = self.data / "validators" / "validator_definitions.yml"
        kept = path.read_text("utf-8") if path.exists() else ""
        # what it wrote there itself stays, unless its folder was moved or is seen from a container
        if not all(self._seen(target) in kept for _, target in self.places()):
            write_durably(path, json.dumps(definitions, indent=1))
        return []

    def arguments(self) -> list[str]:
        """`validator_client …`."""
        builder = ["--builder-proposals"] if self.settings.charon.builder_api else []
        return [
            "validator_client",
            f"--beacon-nodes={self.api}",
            f"--suggested-fee-recipient={ZERO_ADDRESS}",
            f"--network={self.settings.network}",
            f"--datadir={self.data}",
            *self._graffiti("--graffiti"),
            *builder,
            "--init-slashing-protection",
            "--logfile-max-number=0",  # else it keeps up to 2 GB of its own
            "--metrics",
            f"--metrics-port={self.metrics_port}",
            "--distributed",
        ]


class Teku(Client):
    """Teku: keystores in one folder, passwords of the same name in another."""

    name = "teku"
    program = "teku"
    listens = ("--metrics-interface=0.0.0.0", "--metrics-host-allowlist=*")
    kept = ("keys", "passwords")

    def places(self) -> list[tuple[Path, Path]]:
        """Keystores in `keys/`."""
        return [(file, self.data / "keys" / file.name) for file in keystore_files(self.folder)]

    def prepare(self) -> list[Command]:
        """Copy the key shares."""
        for source, target in self.places():
            password_of(source)
            self._copy(source.with_suffix(".txt"), self.data / "passwords" / f"{source.stem}.txt")
            self._copy(source, target)
        return []

    def environment(self, home: str) -> dict[str, str]:
        """Java unpacks libraries: not in `/tmp`, where nothing can be executed."""
        return {"JAVA_OPTS": f"-Djava.io.tmpdir={home}"}

    def arguments(self) -> list[str]:
        """`validator-client …`."""
        return [
            "validator-client",
            f"--network={self.settings.network}",
            f"--beacon-node-api-endpoint={self.api}",
            *self._graffiti("--validators-graffiti"),
            f"--data-path={self.data}",
            f"--validator-keys={self.data / 'keys'}{self._between}{self.data / 'passwords'}",
            "--validators-keystore-locking-enabled=false",
            f"--validators-proposer-default-fee-recipient={ZERO_ADDRESS}",
            f"--validators-builder-registration-default-enabled="
            f"{str(self.settings.charon.builder_api).lower()}",
            "--metrics-enabled=true",
            f"--metrics-port={self.metrics_port}",
            "--Xobol-dvt-integration-enabled=true",
        ]


class _ByPublicKey(Client):
    """Clients that look for each keystore in a folder named by its public key."""

    keystores: ClassVar[str]
    keystore_name: ClassVar[str]

    def places(self) -> list[tuple[Path, Path]]:
        """One folder a key."""
        return [
            (file, self.data / self.keystores / _public_key(file) / self.keystore_name)
            for file in keystore_files(self.folder)
        ]

    def prepare(self) -> list[Command]:
        """Copy the key shares, passwords first: a keystore without one stops the client."""
        for source, target in self.places():
            password_of(source)
            self._copy(source.with_suffix(".txt"), self.data / "secrets" / _public_key(source))
            self._copy(source, target)
        return []


class Nimbus(_ByPublicKey):
    """Nimbus: `validators/0x…/keystore.json` and `secrets/0x…`."""

    name = "nimbus"
    program = "nimbus_validator_client"
    listens = ("--metrics-address=0.0.0.0",)
    kept = ("secrets",)
    keystores = "validators"
    keystore_name = "keystore.json"

    def arguments(self) -> list[str]:
        """No subcommand."""
        return [
            f"--beacon-node={self.api}",
            *self._graffiti("--graffiti"),
            f"--data-dir={self.data}",
            f"--payload-builder={str(self.settings.charon.builder_api).lower()}",
            "--metrics",
            f"--metrics-port={self.metrics_port}",
            "--doppelganger-detection=false",
            "--distributed",
        ]


class Lodestar(_ByPublicKey):
    """Lodestar: `keystores/0x…/voting-keystore.json` and `secrets/0x…`."""

    name = "lodestar"
    program = "lodestar"
    listens = ("--metrics.address=0.0.0.0",)
    kept = ("secrets",)
    keystores = "keystores"
    keystore_name = "voting-keystore.json"

    def arguments(self) -> list[str]:
        """`validator …`."""
        builder = ["--builder", "--builder.selection=builderalways"]
        return [
            "validator",
            f"--beaconNodes={self.api}",
            f"--network={self.settings.network}",
            *self._graffiti("--graffiti"),
            f"--dataDir={self.data}",
            f"--keystoresDir={self.data / 'keystores'}",
            f"--secretsDir={self.data / 'secrets'}",
            f"--suggestedFeeRecipient={ZERO_ADDRESS}",
            *(builder if self.settings.charon.builder_api else []),
            "--metrics=true",
            f"--metrics.port={self.metrics_port}",
            "--logFile=none",  # else it keeps five days of its own, every request in them
            "--distributed",
        ]


class Prysm(Client):
    """Prysm: a wallet of its own, into which each keystore is imported with its password."""

    name = "prysm"
    program = "validator"
    listens = ("--monitoring-host=0.0.0.0",)
    kept = ("import",)

    @property
    def wallet(self) -> Path:
        """The wallet's folder."""
        return self.data / "wallet"

    @property
    def wallet_password(self) -> Path:
        """The wallet's password, made once."""
        return self.data / "wallet-password.txt"

    def imported(self) -> bool:
        """Whether every import was done."""
        return all(command.stamp.exists() for command in self._commands())

    def prepare(self) -> list[Command]:
        """Make the wallet's password and one folder a keystore (Prysm imports whole folders)."""
        make_private_folder(self.data)
        if not self.wallet_password.exists():
            write_durably(self.wallet_password, secrets.token_urlsafe(24))
        for file in keystore_files(self.folder):
            password_of(file)
            self._copy(file, self._import_folder(file) / file.name)
        return [command for command in self._commands() if not command.stamp.exists()]

    def _import_folder(self, keystore: Path) -> Path:
        return self.data / "import" / keystore.stem

    def _commands(self) -> list[Command]:
        common = [
            "--accept-terms-of-use",
            f"--wallet-dir={self.wallet}",
            f"--wallet-password-file={self.wallet_password}",
        ]
        create = Command(
            ["wallet", "create", *common, "--keymanager-kind=direct"],
            self.data / "wallet-created",
        )
        imports = [
            Command(
                [
                    "accounts",
                    "import",
                    *common,
                    f"--keys-dir={self._import_folder(file)}",
                    f"--account-password-file={file.with_suffix('.txt')}",
                ],
                self.data / f"{file.stem}-imported",
            )
            for file in keystore_files(self.folder)
        ]
        return [create, *imports]

    def arguments(self) -> list[str]:
        """No subcommand."""
        return [
            "--accept-terms-of-use",
            "--distributed",
            "--enable-beacon-rest-api",
            f"--beacon-rest-api-provider={self.api}",
            f"--{self.settings.network}",
            f"--datadir={self.data}",
            f"--wallet-dir={self.wallet}",
            f"--wallet-password-file={self.wallet_password}",
            f"--suggested-fee-recipient={ZERO_ADDRESS}",
            *self._graffiti("--graffiti"),
            *(["--enable-builder"] if self.settings.charon.builder_api else []),
            f"--monitoring-port={self.metrics_port}",
        ]


CLIENTS: dict[str, type[Client]] = {
    client.name: client for client in (Lighthouse, Teku, Nimbus, Prysm, Lodestar)
}


def client_of(folder: ClusterFolder, settings: DvSettings, **elsewhere: str) -> Client:
    """The client that the settings name; see `Client` for the rest."""
    return CLIENTS[settings.validator_client.kind](folder, settings, **elsewhere)
