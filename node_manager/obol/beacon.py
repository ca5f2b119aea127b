# SPDX-License-Identifier: Apache-2.0
"""Beacon nodes, asked before charon starts: do they answer, on which network, have they synced.

`GET /eth/v1/beacon/genesis` and `/eth/v1/node/syncing` of the Beacon API
(ethereum/beacon-APIs).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from node_manager.cosmos.web import new_client
from node_manager.explanation import Explanation
from node_manager.obol.cluster.ethereum import network_of
from node_manager.obol.errors import BeaconTrouble

ANSWER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class BeaconReading:
    """What one beacon node said.

    Attributes:
        fallback: whether it is one of those for when the others fail.
        network: its name, or the fork version of one that is not known; empty when it is silent.
        syncing: None when it did not say.
        distance: slots that it is behind.
        trouble: why it cannot be used, None when it can.
    """

    url: str
    fallback: bool
    network: str = ""
    syncing: bool | None = None
    distance: int | None = None
    version: str = ""
    trouble: Explanation | None = None

    @property
    def usable(self) -> bool:
        """Whether charon can start with it."""
        return self.trouble is None


async def read_beacon(url: str, network: str, *, fallback: bool = False) -> BeaconReading:
    """Ask one beacon node."""
    async with new_client(url, ANSWER_SECONDS) as client:
        try:
            genesis, syncing = await asyncio.gather(
                _get(client, f"{url}/eth/v1/beacon/genesis"),
                _get(client, f"{url}/eth/v1/node/syncing"),
            )
            fork = bytes.fromhex(str(genesis["genesis_fork_version"]).removeprefix("0x"))
            behind = syncing.get("is_syncing")
            distance = int(str(syncing.get("sync_distance", 0)))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
            return BeaconReading(url, fallback, trouble=_silent(url, error))
    known = network_of(fork)
    name = known.name if known else f"0x{fork.hex()}"
    return BeaconReading(
        url,
        fallback,
        network=name,
        syncing=behind if isinstance(behind, bool) else None,
        distance=distance,
        trouble=_trouble(url, name, network, behind is True, distance),
    )


async def read_beacons(
    primary: Sequence[str], fallback: Sequence[str], network: str
) -> list[BeaconReading]:
    """Ask all that are named."""
    return await asyncio.gather(
        *(read_beacon(url, network) for url in primary),
        *(read_beacon(url, network, fallback=True) for url in fallback),
    )


def require_beacon(readings: Sequence[BeaconReading], network: str) -> None:
    """Go on when one can be used and none is of another network.

    Raises:
        BeaconTrouble: with what the first one said.
    """
    strangers = [
        one for one in readings if one.trouble and one.trouble.code == "beacon-other-network"
    ]
    if strangers or not any(one.usable for one in readings):
        first = next(iter([*strangers, *readings]), None)
        said = str(first.trouble) if first else "None is named."
        raise BeaconTrouble(first=said, network=network)


async def _get(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    answer = await client.get(url)
    answer.raise_for_status()
    data = answer.json()["data"]
    if not isinstance(data, dict):
        raise ValueError("its answer has no data")
    return data


def _silent(url: str, error: Exception) -> Explanation:
    return Explanation(
        "beacon-down",
        "The beacon node {url} does not answer as one.",
        "{said}",
        "Start it, or name another one.",
        {"url": url, "said": str(error) or type(error).__name__},
    )


def _trouble(url: str, name: str, network: str, syncing: bool, distance: int) -> Explanation | None:
    if name != network:
        return Explanation(
            "beacon-other-network",
            "The beacon node {url} is on {found}.",
            "The cluster is on {network}; charon ends at once with a node of another network.",
            "Name a beacon node of {network}.",
            {"url": url, "found": name, "network": network},
        )
    if syncing:
        return Explanation(
            "beacon-syncing",
            "The beacon node {url} has not synced: it is {distance} slots behind.",
            "Duties would be missed until it has.",
            "Wait until it has synced; the validator then starts by itself.",
            {"url": url, "distance": distance},
        )
    return None
