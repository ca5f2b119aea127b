# SPDX-License-Identifier: Apache-2.0
"""A node's home: made once, then kept equal to its plan without losing what a person wrote."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import structlog

from node_manager.cosmos import errors
from node_manager.cosmos.program import Program
from node_manager.durable import make_private_folder, sync_folder, write_durably

log = structlog.get_logger(__name__)

Scalar = str | int | bool
Settings = Mapping[str, Scalar]
"""Dotted key to value, as "p2p.laddr"."""

_PEER = re.compile(r"[0-9a-fA-F]{40}@(\[[0-9a-fA-F:]+\]|[^\s@:]+):\d{1,5}")
SIGNING_STATE = Path("data/priv_validator_state.json")
_CONFIG_FILES = tuple(
    Path("config") / name for name in ("config.toml", "app.toml", "client.toml", "node_key.json")
)


@dataclass(frozen=True, slots=True)
class NodePorts:
    """TCP ports of one node; None turns a service off."""

    p2p: int = 26656
    rpc: int = 26657
    rest: int | None = 1317
    grpc: int | None = 9090
    prometheus: int | None = None

    def named(self) -> dict[str, int]:
        """The ports in use by the name of their service."""
        every = {
            "P2P": self.p2p,
            "RPC": self.rpc,
            "REST": self.rest,
            "gRPC": self.grpc,
            "Prometheus": self.prometheus,
        }
        return {name: port for name, port in every.items() if port is not None}


class Pruning(StrEnum):
    """How much history a node keeps.

    DEFAULT keeps the program's own choice (362,880 states); SMALL keeps 100 states and as many
    blocks as evidence and state sync need; EVERYTHING-kept is ARCHIVE.
    """

    DEFAULT = "default"
    SMALL = "small"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class StateSync:
    """Where a fresh node takes a snapshot from, and the block it trusts.

    Attributes:
        trust_period: a duration as Go writes it; must be shorter than the unbonding time.
    """

    rpc_servers: tuple[str, ...]
    trust_height: int
    trust_hash: str
    trust_period: str = "168h0m0s"


@dataclass(frozen=True, slots=True)
class HomePlan:
    """What a home is to be.

    Attributes:
        min_gas_price: for example "0.025omniphi"; the node does not start without one.
        priv_validator_laddr: where the signer is awaited; empty for a node without one.
        external_address: host:port that others dial, empty to let the node find out, None to
            leave the setting as it is.
        listen_host: where services only this computer needs listen.
        p2p_host: where peers are awaited.
        local_network: several nodes on one computer: private addresses count as peers.
        pruning: None to leave the settings as they are.
        min_retain_blocks: blocks CometBFT keeps with Pruning.SMALL, 0 for all. It must cover the
            unbonding time and the snapshot interval.
        more_config, more_app: further settings for config.toml and app.toml.
    """

    chain_id: str
    moniker: str
    min_gas_price: str
    ports: NodePorts = NodePorts()
    persistent_peers: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()
    priv_validator_laddr: str = ""
    external_address: str | None = None
    listen_host: str = "127.0.0.1"
    p2p_host: str = "0.0.0.0"  # noqa: S104  (a validator is dialled by its peers)
    local_network: bool = False
    state_sync: StateSync | None = None
    pruning: Pruning | None = None
    min_retain_blocks: int = 0
    snapshot_interval: int | None = None
    more_config: Settings | None = None
    more_app: Settings | None = None

    def config(self) -> dict[str, Scalar]:
        """Settings of config.toml (CometBFT 0.38)."""
        ports, host = self.ports, self.listen_host
        settings: dict[str, Scalar] = {
            "moniker": self.moniker,
            "priv_validator_laddr": self.priv_validator_laddr,
            "rpc.laddr": f"tcp://{host}:{ports.rpc}",
            "rpc.pprof_laddr": "",
            "p2p.laddr": f"tcp://{self.p2p_host}:{ports.p2p}",
            "p2p.persistent_peers": ",".join(self.persistent_peers),
            "p2p.seeds": ",".join(self.seeds),
            "p2p.addr_book_strict": not self.local_network,
            "p2p.allow_duplicate_ip": self.local_network,
            "instrumentation.prometheus": ports.prometheus is not None,
            "statesync.enable": self.state_sync is not None,
        }
        if self.external_address is not None:
            settings["p2p.external_address"] = self.external_address
        if ports.prometheus is not None:
            settings["instrumentation.prometheus_listen_addr"] = f"{host}:{ports.prometheus}"
        if self.state_sync is not None:
            settings |= {
                "statesync.rpc_servers": ",".join(self.state_sync.rpc_servers),
                "statesync.trust_height": self.state_sync.trust_height,
                "statesync.trust_hash": self.state_sync.trust_hash,
                "statesync.trust_period": self.state_sync.trust_period,
            }
        return settings | dict(self.more_config or {})

    def app(self) -> dict[str, Scalar]:
        """Settings of app.toml (Cosmos SDK 0.50 and later)."""
        ports, host = self.ports, self.listen_host
        settings: dict[str, Scalar] = {
            "minimum-gas-prices": self.min_gas_price,
            "api.enable": ports.rest is not None,
            "grpc.enable": ports.grpc is not None,
            "grpc-web.enable": False,
        }
        if ports.rest is not None:
            settings["api.address"] = f"tcp://{host}:{ports.rest}"
        if ports.grpc is not None:
            settings["grpc.address"] = f"{host}:{ports.grpc}"
        if self.snapshot_interval is not None:
            settings["state-sync.snapshot-interval"] = self.snapshot_interval
        if self.pruning is not None:
            settings |= _pruning(self.pruning, self.min_retain_blocks)
        return settings | dict(self.more_app or {})

    def client(self) -> dict[str, Scalar]:
        """Settings of client.toml, so that the program's own commands find this node."""
        return {"chain-id": self.chain_id, "node": f"tcp://127.0.0.1:{self.ports.rpc}"}

    def check(self) -> None:
        """Refuse what the node would not start with.

        Raises:
            PeerMalformed: a peer or seed without id, host or port.
        """
        for peer in (*self.persistent_peers, *self.seeds):
            if not _PEER.fullmatch(peer):
                raise errors.PeerMalformed(peer=peer)


def _pruning(pruning: Pruning, min_retain_blocks: int) -> dict[str, Scalar]:
    if pruning is Pruning.SMALL:
        return {
            "pruning": "custom",
            "pruning-keep-recent": "100",
            "pruning-interval": "10",
            "min-retain-blocks": min_retain_blocks,
        }
    preset = "nothing" if pruning is Pruning.ARCHIVE else "default"
    return {"pruning": preset, "min-retain-blocks": 0}


async def prepare_home(program: Program, home: Path, plan: HomePlan) -> tuple[str, ...]:
    """Make `home` what `plan` says; a second call changes only what differs.

    The home appears whole or not at all, without a genesis (`fetch_genesis` brings it). A
    person's comments and other settings stay.

    Returns:
        The files and settings that changed, as "config.toml: p2p.laddr".

    Raises:
        HomeIncomplete: it holds chain data and lacks its signing state.
        PeerMalformed, ConfigUnreadable, OSError; and what `Program.init` raises.
    """
    plan.check()
    changed = await _make(program, home, plan)
    for name, settings in (
        ("config.toml", plan.config()),
        ("app.toml", plan.app()),
        ("client.toml", plan.client()),
    ):
        keys = await asyncio.to_thread(edit_toml, home / "config" / name, settings)
        changed.extend(f"{name}: {key}" for key in keys)
    await asyncio.to_thread(_close_to_others, home)
    if changed:
        log.info("home prepared", home=str(home), changed=changed)
    return tuple(changed)


async def _make(program: Program, home: Path, plan: HomePlan) -> list[str]:
    missing = [path for path in _CONFIG_FILES if not (home / path).exists()]
    if not (home / SIGNING_STATE).exists():
        # The program makes a height-0 state wherever it finds none; beside chain data and a
        # key of its own that is how a validator signs twice.
        if not plan.priv_validator_laddr and holds_chain_data(home):
            raise errors.HomeIncomplete(home=str(home), missing=str(SIGNING_STATE))
        missing.append(SIGNING_STATE)
    if not missing:
        return []
    make_private_folder(home.parent)
    fresh = home.with_name(f".{home.name}.new")
    await asyncio.to_thread(_remove, fresh)
    try:
        await program.init(fresh, plan.moniker, plan.chain_id)
        # Its genesis is a chain of its own under the network's name: no start may ever use it.
        (fresh / "config" / "genesis.json").unlink(missing_ok=True)
        await asyncio.to_thread(_move_missing, fresh, home, missing)
    finally:
        await asyncio.to_thread(_remove, fresh)
    return [path.name for path in missing]


def holds_chain_data(home: Path) -> bool:
    """Whether a node has taken in blocks here."""
    return any((home / "data" / name).exists() for name in ("blockstore.db", "application.db"))


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _move_missing(fresh: Path, home: Path, missing: list[Path]) -> None:
    for path in fresh.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    if not home.exists():
        fresh.rename(home)
        sync_folder(home.parent)
        return
    for relative in missing:
        target = home / relative
        make_private_folder(target.parent)
        (fresh / relative).rename(target)
        sync_folder(target.parent)


def _close_to_others(home: Path) -> None:
    for folder in (home, home / "config", home / "data"):
        make_private_folder(folder)


def edit_toml(path: Path, settings: Settings) -> list[str]:
    """Set dotted keys in a TOML file, keeping comments and order; returns the keys that changed.

    The file is replaced durably, and not touched when nothing differs.

    Raises:
        ConfigUnreadable: it is not TOML.
        OSError: it cannot be read or written.
    """
    # Here, because a running node's files are left alone.
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise errors.ConfigUnreadable(path=str(path), detail=str(error)) from error
    changed = [key for key, value in settings.items() if _set(document, key.split("."), value)]
    if changed:
        write_durably(path, tomlkit.dumps(document))
    return changed


def _set(document: MutableMapping[str, Any], key: list[str], value: Scalar) -> bool:
    *sections, name = key
    table: Any = document
    for section in sections:
        if not isinstance(table.get(section), MutableMapping):
            table[section] = {}
        table = table[section]
    present = table.get(name)
    if (
        present is not None
        and present == value
        and isinstance(present, bool) is isinstance(value, bool)
    ):
        return False
    table[name] = value
    return True
