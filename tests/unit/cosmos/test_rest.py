# SPDX-License-Identifier: Apache-2.0
"""The chain's REST gateway, by recorded answers of a real node."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from node_manager.cosmos import errors
from node_manager.cosmos.rest import Rest
from tests.unit.cosmos.recorded import CHAIN, RecordedServer, answer

OPERATOR = "omnivaloper1eru6jp7sqfysgv44qxnwar7dcn6wfvrj8kmvf6"
CONSENSUS = "omnivalcons1ef00ml9kmr54sq3gpzhlhlaj5n77t8kukfxsdz"
STAKING = "cosmos/staking/v1beta1"
SLASHING = "cosmos/slashing/v1beta1"
DISTRIBUTION = "cosmos/distribution/v1beta1"

RECORDED = {
    f"{STAKING}/params": "staking_params",
    f"{STAKING}/pool": "staking_pool",
    f"{STAKING}/validators": "staking_validators",
    f"{STAKING}/validators/{OPERATOR}": "validator",
    "cosmos/base/tendermint/v1beta1/validatorsets/latest": "valset_latest",
    "cosmos/base/tendermint/v1beta1/blocks/latest": "latest_block",
    f"{SLASHING}/params": "slashing_params",
    f"{SLASHING}/signing_infos": "signing_infos",
    f"{SLASHING}/signing_infos/{CONSENSUS}": "signing_info",
    f"{DISTRIBUTION}/validators/{OPERATOR}/commission": "commission",
    f"{DISTRIBUTION}/validators/{OPERATOR}/outstanding_rewards": "outstanding",
    "cosmos/upgrade/v1beta1/current_plan": "upgrade_plan_pending",
    "cosmos/bank/v1beta1/balances/omni1x": "balances",
    "cosmos/base/node/v1beta1/config": "node_config",
}


def fill(server: RecordedServer) -> None:
    for path, name in RECORDED.items():
        server.give(path, answer(f"rest/{name}"))


@pytest.fixture
async def server() -> AsyncIterator[RecordedServer]:
    async with RecordedServer() as running:
        fill(running)
        yield running


@pytest.fixture
async def rest(server: RecordedServer) -> AsyncIterator[Rest]:
    async with Rest([server.url]) as client:
        yield client


async def test_parameters(rest: Rest) -> None:
    staking, slashing = await rest.staking_params(), await rest.slashing_params()
    assert (staking.unbonding_time, staking.max_validators) == (600.0, 100)
    assert staking.bond_denom == "omniphi"
    assert (slashing.signed_blocks_window, slashing.may_miss) == (10, 5)
    assert slashing.downtime_jail_duration == 15.0
    assert (await rest.staking_pool()).bonded_tokens == 140_000_000_000


async def test_validators(rest: Rest) -> None:
    both, one = await rest.validators(), await rest.validator(OPERATOR)
    assert [v.description.moniker for v in both] == ["mon1", "mon0"]
    assert one.tokens == 40_000_000_000
    assert one.commission.commission_rates.rate == Decimal("0.1")
    assert len(one.consensus_pubkey.raw) == 32
    assert [m.voting_power for m in await rest.active_set()] == [100000, 40000]


async def test_signing(rest: Rest, server: RecordedServer) -> None:
    info = await rest.signing_info(CONSENSUS)
    assert (info.missed_blocks_counter, info.tombstoned, info.jailed_until) == (0, False, 0.0)
    assert len(await rest.signing_infos()) == 2
    server.give(f"{SLASHING}/signing_infos/{CONSENSUS}", answer("rest/signing_info_jailed"))
    assert (await rest.signing_info(CONSENSUS)).jailed_until == pytest.approx(1795354319.5893)


async def test_money(rest: Rest) -> None:
    assert (await rest.commission(OPERATOR))[0].amount == Decimal("17301.479999999999982690")
    assert (await rest.outstanding_rewards(OPERATOR))[0].denom == "omniphi"
    assert (await rest.balances("omni1x"))[0].amount == 960000001880


async def test_upgrade_plan(rest: Rest, server: RecordedServer) -> None:
    plan = await rest.upgrade_plan()
    assert plan is not None
    assert (plan.name, plan.height) == ("v9-test", 1000)
    server.give("cosmos/upgrade/v1beta1/current_plan", answer("rest/upgrade_plan"))
    assert await rest.upgrade_plan() is None


async def test_the_node_and_its_block(rest: Rest) -> None:
    assert (await rest.node_config()).minimum_gas_price == "0.025000000000000000omniphi"
    block = await rest.latest_block()
    assert (block.chain_id, block.height) == (CHAIN, 50)
    # One voted for nil: x/slashing counts that as signed.
    assert block.voters == {"5xMwXzXzwRbdJUFnOotr0PmuIAE=", "yl79/LbY6VgCKAiv+/+ypP3lntw="}


async def test_a_chain_without_a_fee_market_has_no_base_fee(
    rest: Rest, server: RecordedServer
) -> None:
    assert await rest.base_fee() is None
    server.give("pos/feemarket/v1/base_fee", answer("rest/apr_none"), status=501)
    assert await rest.base_fee() is None
    server.give("pos/feemarket/v1/base_fee", {"base_fee": "0.01", "min_gas_price": "0.025"})
    fee = await rest.base_fee()
    assert fee is not None
    assert fee.min_gas_price == Decimal("0.025")


async def test_pages_are_followed_to_the_end(rest: Rest, server: RecordedServer) -> None:
    first, second = answer("rest/staking_validators"), answer("rest/staking_validators")
    first["pagination"]["next_key"] = "a+b/c=="
    path = f"{STAKING}/validators"
    server.give(f"{path}?pagination.limit=200", first)
    server.give(path, second)
    assert len(await rest.validators()) == 4
    assert server.asked[-1].endswith("pagination.key=a%2Bb/c%3D%3D")


async def test_another_server_steps_in_and_is_asked_first_from_then_on(
    server: RecordedServer,
) -> None:
    async with Rest(["http://127.0.0.1:1", server.url]) as rest:
        assert (await rest.staking_params()).max_validators == 100
        assert rest.urls[0] == server.url


async def test_a_refusal_is_not_asked_again_elsewhere(server: RecordedServer) -> None:
    async with RecordedServer() as refusing:
        refusing.give(f"{STAKING}/validators/bad", answer("rest/validator_missing"), status=400)
        async with Rest([refusing.url, server.url]) as rest:
            with pytest.raises(errors.Refused, match="decoding bech32 failed"):
                await rest.validator("bad")
    assert server.asked == []


async def test_a_server_that_answers_says_more_than_one_that_is_gone(
    server: RecordedServer,
) -> None:
    async with Rest([server.url, "http://127.0.0.1:1"]) as rest:
        assert await rest.base_fee() is None
    async with Rest(["http://127.0.0.1:1", server.url]) as rest:
        assert await rest.base_fee() is None


async def test_no_server_is_said() -> None:
    async with Rest([]) as rest:
        with pytest.raises(errors.NoAnswer):
            await rest.staking_params()
    async with Rest(["http://127.0.0.1:1", "http://127.0.0.1:2"]) as rest:
        with pytest.raises(errors.NoAnswer):
            await rest.staking_params()
