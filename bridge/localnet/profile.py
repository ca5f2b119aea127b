# SPDX-License-Identifier: Apache-2.0
"""The running localnet as a network profile.

Forms: `chain.schema.json`, `versions.schema.json`, `assetlist.schema.json` of
github.com/cosmos/chain-registry; `oneclick.json` is node_manager.networks.own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from bridge.localnet.record import (
    DECIMALS,
    DENOM,
    DISPLAY_DENOM,
    MIN_GAS_PRICE,
    PREFIX,
    LocalnetInfo,
)
from node_manager.durable import make_private_folder, write_durably
from node_manager.networks.bundled import bundled_profiles
from node_manager.networks.catalogue import LOCALNET
from node_manager.networks.own import OwnPart

CHAIN_NAME = "omniphilocalnet"
UPGRADE = "v2"


def write_profile(info: LocalnetInfo) -> None:
    """Write chain.json, versions.json, assetlist.json and oneclick.json of `info`."""
    folder = make_private_folder(info.profile)
    parts: Mapping[str, object] = {
        "versions.json": versions(info),
        "assetlist.json": assets(),
        "oneclick.json": own_part(info),
        # last: whoever sees it sees the others of the same network
        "chain.json": chain(info),
    }
    for name, content in parts.items():
        write_durably(folder / name, json.dumps(content, indent=1) + "\n")


def binaries(info: LocalnetInfo, release: str) -> dict[str, str]:
    """Platform to URL with checksum."""
    return {info.build.release(release).target: info.release_url(release)}


def upgrade_info(info: LocalnetInfo, release: str) -> str:
    """The `info` of an upgrade plan, in the form that cosmovisor reads."""
    return json.dumps({"binaries": binaries(info, release)}, separators=(",", ":"))


def chain(info: LocalnetInfo) -> dict[str, object]:
    """`chain.json`."""
    release = info.build.release(info.record.release)
    validators = info.record.validators
    return {
        "$schema": "../chain.schema.json",
        "chain_name": CHAIN_NAME,
        "chain_type": "cosmos",
        "chain_id": info.chain_id,
        "pretty_name": "Omniphi localnet",
        "status": "live",
        "network_type": "devnet",
        "bech32_prefix": PREFIX,
        "daemon_name": "posd",
        "node_home": "$HOME/.pos",
        "key_algos": ["secp256k1"],
        "slip44": 60,
        "fees": {
            "fee_tokens": [
                {
                    "denom": DENOM,
                    "fixed_min_gas_price": float(MIN_GAS_PRICE),
                    "low_gas_price": float(MIN_GAS_PRICE),
                    "average_gas_price": float(MIN_GAS_PRICE),
                    "high_gas_price": 2 * float(MIN_GAS_PRICE),
                }
            ]
        },
        "staking": {"staking_tokens": [{"denom": DENOM}]},
        "codebase": {
            # what a fresh node begins with: after an upgrade it reaches that by the plan
            "recommended_version": info.build.release("v1").version,
            "compatible_versions": [info.build.release("v1").version, release.version],
            "binaries": binaries(info, "v1"),
            "genesis": {"name": "v1", "genesis_url": info.genesis_url},
        },
        "peers": {
            "seeds": [],
            "persistent_peers": [
                {"id": each.node_id, "address": f"127.0.0.1:{each.ports.p2p}"}
                for each in validators
            ],
        },
        "apis": {
            "rpc": [{"address": each.rpc_url, "provider": each.name} for each in validators],
            "rest": [{"address": each.rest_url, "provider": each.name} for each in validators],
            "grpc": [
                {"address": f"127.0.0.1:{each.ports.grpc}", "provider": each.name}
                for each in validators
            ],
        },
    }


def versions(info: LocalnetInfo) -> dict[str, object]:
    """`versions.json`; a height is told only when it is planned."""
    v1, v2 = info.build.release("v1"), info.build.release("v2")
    later: dict[str, object] = {
        "name": UPGRADE,
        "tag": v2.version,
        "recommended_version": v2.version,
        "previous_version_name": "v1",
        "binaries": binaries(info, "v2"),
    }
    if info.record.upgrade_height is not None:
        later["height"] = info.record.upgrade_height
    return {
        "$schema": "../versions.schema.json",
        "chain_name": CHAIN_NAME,
        "versions": [
            {
                "name": "v1",
                "tag": v1.version,
                "recommended_version": v1.version,
                "height": 0,
                "next_version_name": UPGRADE,
                "binaries": binaries(info, "v1"),
            },
            later,
        ],
    }


def assets() -> dict[str, object]:
    """`assetlist.json`."""
    return {
        "$schema": "../assetlist.schema.json",
        "chain_name": CHAIN_NAME,
        "assets": [
            {
                "description": "Token of the local network; it has no worth.",
                "type_asset": "sdk.coin",
                "base": DENOM,
                "name": "Omniphi (local)",
                "display": DISPLAY_DENOM,
                "symbol": DISPLAY_DENOM,
                "denom_units": [
                    {"denom": DENOM, "exponent": 0},
                    {"denom": DISPLAY_DENOM, "exponent": DECIMALS},
                ],
            }
        ],
    }


def own_part(info: LocalnetInfo) -> dict[str, object]:
    """`oneclick.json`."""
    return {
        "display_name": "Local network",
        "description": "A chain on this computer for trying things out. Its tokens have no worth.",
        "genesis_sha256": info.genesis_sha256,
        # state sync wants two of them: a network of one validator offers none
        "state_sync_servers": [each.rpc_url for each in info.record.validators],
        "decimals": DECIMALS,
        "display_denom": DISPLAY_DENOM,
        "is_local": True,
        "needs": bundled_needs(),
    }


def bundled_needs() -> dict[str, object]:
    """What was measured of it, as the profile tells that comes with the app."""
    told = (bundled_profiles() / LOCALNET / "oneclick.json").read_bytes()
    return OwnPart.model_validate_json(told).needs.model_dump(exclude_none=True)
