# SPDX-License-Identifier: Apache-2.0
"""How the chain sees a validator: every figure from the chain, or unknown with the reason."""

from __future__ import annotations

import base64
import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest

from node_manager.cosmos.rest import Rest
from node_manager.cosmos.standing import StandingReader
from node_manager.state import ChainStanding
from tests.unit.cosmos.recorded import RecordedServer, answer
from tests.unit.cosmos.test_rest import CONSENSUS, DISTRIBUTION, OPERATOR, SLASHING, STAKING, fill

PUBKEY = base64.b64decode("gs48tCfXNbA2ERwrEOo25321E/2Z1G8KLzAoooohMaI=")
ACCOUNT = "omni1eru6jp7sqfysgv44qxnwar7dcn6wfvrjp4st7g"
BY_STATUS = f"{STAKING}/validators?status=BOND_STATUS_%s&pagination.limit=200"


@pytest.fixture
async def server() -> AsyncIterator[RecordedServer]:
    async with RecordedServer() as running:
        fill(running)
        rewards = {"rewards": [{"denom": "omniphi", "amount": "12.5"}]}
        running.give(f"{DISTRIBUTION}/delegators/{ACCOUNT}/rewards/{OPERATOR}", rewards)
        yield running


@pytest.fixture
async def rest(server: RecordedServer) -> AsyncIterator[Rest]:
    async with Rest([server.url]) as client:
        yield client


def none_of(status: str, server: RecordedServer) -> None:
    server.give(BY_STATUS % status, {"validators": [], "pagination": {"next_key": None}})


def jailed(server: RecordedServer) -> dict[str, Any]:
    """The chain after the recorded jailing: one validator left, ours unbonding."""
    told = answer("rest/validator_jailed")["validator"]
    both = answer("rest/staking_validators")
    left, ours = copy.deepcopy(both), copy.deepcopy(both)
    left["validators"] = both["validators"][1:]
    ours["validators"] = [told]
    server.give(BY_STATUS % "BONDED", left)
    server.give(BY_STATUS % "UNBONDING", ours)
    server.give(f"{STAKING}/validators/{OPERATOR}", {"validator": told})
    server.give(f"{SLASHING}/signing_infos/{CONSENSUS}", answer("rest/signing_info_jailed"))
    return told


def reader(rest: Rest, pubkey: bytes = PUBKEY) -> StandingReader:
    return StandingReader(rest, pubkey, "omni")


async def test_an_active_validator_is_found_by_its_key(rest: Rest) -> None:
    standing = await reader(rest).read()
    values = {
        name: getattr(standing, name).current() for name in ChainStanding.__dataclass_fields__
    }
    assert values == {
        "registered": True,
        "jailed": False,
        "jailed_until": None,
        "tombstoned": False,
        "status": "active",
        "voting_power": 40000,
        "rank": 2,
        "active_validators": 2,
        "max_validators": 100,
        "tokens": 40_000_000_000,
        "commission": 0.1,
        "rewards": 12.5,
        "rewards_commission": pytest.approx(17301.48),
        "unbonding_seconds": 600.0,
        "missed": 0,
        "window": 10,
        "may_miss": 5,
        "operator": OPERATOR,
        "moniker": "mon1",
    }
    assert standing.rank.source == "chain"


async def test_missed_blocks_use_up_what_may_be_missed(rest: Rest, server: RecordedServer) -> None:
    info = answer("rest/signing_info")
    info["val_signing_info"]["missed_blocks_counter"] = "4"
    server.give(f"{SLASHING}/signing_infos/{CONSENSUS}", info)
    standing = await reader(rest).read()
    assert (standing.missed.current(), standing.may_miss.current()) == (4, 1)


async def test_a_jailed_validator_is_found_outside_the_set(
    rest: Rest, server: RecordedServer
) -> None:
    jailed(server)
    standing = await reader(rest).read()
    assert standing.registered.current() is True
    assert standing.jailed.current() is True
    assert standing.status.current() == "unbonding"
    assert standing.jailed_until.current() == pytest.approx(1795354319.589)
    assert standing.rank.current() is None
    assert standing.rank.why


async def test_an_operator_once_found_is_asked_for_directly(
    rest: Rest, server: RecordedServer
) -> None:
    standing_reader = reader(rest)
    await standing_reader.read()
    jailed(server)
    server.asked.clear()
    assert (await standing_reader.read()).jailed.current() is True
    assert not any("UNBONDING" in path for path in server.asked)


async def test_a_key_the_chain_does_not_know_is_not_registered(
    rest: Rest, server: RecordedServer
) -> None:
    for status in ("UNBONDING", "UNBONDED"):
        none_of(status, server)
    standing = await reader(rest, bytes(32)).read()
    assert standing.registered.current() is False
    assert standing.active_validators.current() == 2
    assert standing.jailed.current() is None
    assert standing.rank.why == "The chain has no validator with this key."


async def test_one_silent_module_hides_only_its_own_figures(
    rest: Rest, server: RecordedServer
) -> None:
    del server.answers[f"{SLASHING}/params"]
    standing = await reader(rest).read()
    assert standing.window.current() is None
    assert standing.may_miss.current() is None
    assert standing.window.why
    assert standing.missed.current() == 0
    assert standing.tokens.current() == 40_000_000_000


async def test_a_silent_chain_leaves_everything_unknown() -> None:
    async with Rest(["http://127.0.0.1:1"]) as rest:
        standing = await reader(rest).read()
    for name in ChainStanding.__dataclass_fields__:
        figure = getattr(standing, name)
        assert figure.current() is None
        assert "does not answer" in figure.why
