# SPDX-License-Identifier: Apache-2.0
"""Wallet addresses of heartbeats are checked once, whichever run of the service it was."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.device import DeviceKey
from bridge.orchestrator.chain import addresses
from bridge.orchestrator.chain.addresses import Addresses, NotAnAddress
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.known_wallets import KnownWallets
from tests.unit.bridge.orchestrator.conftest import client_of
from tests.unit.bridge.orchestrator.test_heartbeats import beat_of
from tests.unit.bridge.orchestrator.wallet import Wallet


async def test_a_stored_one_is_not_read_again_after_a_restart(
    database_url: str,
    alice: Wallet,
    mallory: Wallet,
    device: DeviceKey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with client_of(database_url) as client:
        assert (await client.beat(device, **beat_of(alice, 1))).status == 200
    addresses._decoded.cache_clear()
    read: list[str] = []
    real = addresses.from_bech32

    def from_bech32(address: str) -> Any:
        read.append(address)
        return real(address)

    monkeypatch.setattr(addresses, "from_bech32", from_bech32)
    async with client_of(database_url) as client:
        assert (await client.beat(device, **beat_of(alice, 2))).status == 200
        assert read == []
        assert (await client.beat(device, **beat_of(mallory, 3))).status == 200
        assert read == [mallory.address]
        wrong = {**beat_of(alice, 4), "walletAddress": alice.address[:-1] + "q"}
        assert (await client.beat(device, **wrong)).status == 422


async def test_one_that_was_stored_for_another_chain_is_none_here(
    database_url: str, alice: Wallet, device: DeviceKey
) -> None:
    async with client_of(database_url) as client:
        await client.beat(device, **beat_of(alice, 1))
    database = Database(database_url)
    known = KnownWallets(database, Addresses("other"))
    await known.load()
    with pytest.raises(NotAnAddress):
        known.check(alice.address)
    await database.close()


async def test_a_database_without_tables_keeps_no_service_from_starting(
    empty_database_url: str, alice: Wallet
) -> None:
    database = Database(empty_database_url)
    known = KnownWallets(database, Addresses("omni"))
    await known.load()
    known.check(alice.address)
    await database.close()
