# SPDX-License-Identifier: Apache-2.0
"""What is known of the local network: its record on disk and what callers are told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from bridge.localnet.build import Build
from bridge.localnet.errors import RecordUnreadable
from bridge.localnet.ports import LOOPBACK, ValidatorPorts
from node_manager.durable import make_private_folder, write_durably
from node_manager.layout import Layout

CHAIN_ID = "omniphi-localnet-1"
DENOM = "omniphi"
PREFIX = "omni"
DECIMALS = 6
DISPLAY_DENOM = "OMNI"
MIN_GAS_PRICE = "0.025"
FAUCET = "faucet"


class LocalnetFolder:
    """Where the parts of the local network lie."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.record = root / "network.json"
        self.lock = root / "network.lock"
        self.wallet = root / "wallet"
        self.logs = root / "logs"
        self.run = root / "run"
        self.www = root / "www"
        self.profile = root / "profile"
        self.genesis = self.www / "genesis.json"

    @classmethod
    def of(cls, layout: Layout) -> LocalnetFolder:
        """The folder that `layout` names."""
        return cls(layout.localnet)

    @property
    def validators(self) -> Path:
        """The homes of the genesis validators."""
        return self.root / "validators"

    def home(self, name: str) -> Path:
        """The home of one validator."""
        return self.validators / name

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self.logs / f"{name}.log"

    def process(self, name: str) -> Path:
        """The record of one process: pid, its birth, its executable and arguments."""
        return self.run / f"{name}.json"


class Validator(BaseModel):
    """A genesis validator; its process is in `run/<name>.json`."""

    model_config = ConfigDict(frozen=True)

    name: str
    node_id: str
    address: str
    ports: ValidatorPorts

    @property
    def peer(self) -> str:
        """As `persistent_peers` names it."""
        return f"{self.node_id}@{LOOPBACK}:{self.ports.p2p}"

    @property
    def rpc_url(self) -> str:
        """Its RPC."""
        return f"http://{LOOPBACK}:{self.ports.rpc}"

    @property
    def rest_url(self) -> str:
        """Its REST API."""
        return f"http://{LOOPBACK}:{self.ports.rest}"


class NetworkRecord(BaseModel):
    """`network.json`.

    Attributes:
        build: key of the build whose programs run.
        release: what the validators run: "v1", or "v2" after the upgrade.
        genesis_sha256: of the genesis as it is served.
        faucet: the funded account's address; its key is in the wallet folder.
        upgrade_height: of the upgrade that was passed, None before.
    """

    model_config = ConfigDict(frozen=True)

    chain_id: str = CHAIN_ID
    created_at: float
    build: str
    release: str = "v1"
    genesis_sha256: str
    faucet: str
    server_port: int
    upgrade_height: int | None = None
    validators: tuple[Validator, ...]

    def write(self, path: Path) -> None:
        """Replace the record at `path` durably."""
        make_private_folder(path.parent)
        write_durably(path, self.model_dump_json(indent=1) + "\n")


def read_record(path: Path) -> NetworkRecord | None:
    """The record at `path`, None when there is no network.

    Raises:
        RecordUnreadable: there is one, and it cannot be read.
    """
    try:
        return NetworkRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        first = str(error).splitlines()[0]
        raise RecordUnreadable(path=path, detail=first) from error


@dataclass(frozen=True, slots=True)
class LocalnetInfo:
    """A local network as callers use it.

    Attributes:
        folder: its files.
        already_running: `up` found it running and changed nothing.
    """

    layout: Layout
    folder: LocalnetFolder
    record: NetworkRecord
    build: Build
    already_running: bool = False

    @property
    def chain_id(self) -> str:
        """The chain's id."""
        return self.record.chain_id

    @property
    def rpc_url(self) -> str:
        """RPC of the first validator."""
        return self.record.validators[0].rpc_url

    @property
    def rest_url(self) -> str:
        """REST API of the first validator."""
        return self.record.validators[0].rest_url

    @property
    def grpc(self) -> str:
        """gRPC of the first validator, host:port."""
        return f"{LOOPBACK}:{self.record.validators[0].ports.grpc}"

    @property
    def peer(self) -> str:
        """The first validator as a persistent peer."""
        return self.record.validators[0].peer

    @property
    def peers(self) -> tuple[str, ...]:
        """Every validator as a persistent peer."""
        return tuple(validator.peer for validator in self.record.validators)

    @property
    def profile(self) -> Path:
        """Folder with chain.json, versions.json, assetlist.json and oneclick.json."""
        return self.folder.profile

    @property
    def server_url(self) -> str:
        """Where releases and genesis are served."""
        return f"http://{LOOPBACK}:{self.record.server_port}"

    @property
    def genesis_url(self) -> str:
        """The genesis as it is served."""
        return f"{self.server_url}/genesis.json"

    @property
    def genesis_sha256(self) -> str:
        """Hash of the served genesis."""
        return self.record.genesis_sha256

    @property
    def posd_v1(self) -> Path:
        """The program of the first release."""
        return self.build.release("v1").binary

    @property
    def posd_v2(self) -> Path:
        """The program of the second release."""
        return self.build.release("v2").binary

    @property
    def posd(self) -> Path:
        """The program the validators run now."""
        return self.build.release(self.record.release).binary

    @property
    def faucet_home(self) -> Path:
        """`--home` whose `test` keyring holds the faucet's key and the validators' keys."""
        return self.folder.wallet

    @property
    def faucet_key(self) -> str:
        """Name of the funded account's key."""
        return FAUCET

    @property
    def faucet_address(self) -> str:
        """The funded account."""
        return self.record.faucet

    def release_url(self, name: str) -> str:
        """Where the archive of a release is served, its checksum in chain-registry's form."""
        release = self.build.release(name)
        return (
            f"{self.server_url}/releases/{name}/{release.archive.name}"
            f"?checksum=sha256:{release.sha256}"
        )
