# SPDX-License-Identifier: Apache-2.0
"""An upgrade by governance: proposal, vote, halt, and the next release."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from bridge.localnet import processes
from bridge.localnet.errors import (
    ProcessFailed,
    TransactionFailed,
    UpgradeNotPassed,
    UpgradeTooEarly,
)
from bridge.localnet.network import changing, running_info, switch_release
from bridge.localnet.profile import UPGRADE, upgrade_info, write_profile
from bridge.localnet.record import DENOM, FAUCET, LocalnetInfo
from bridge.localnet.transactions import send
from node_manager.cosmos.rest import Rest
from node_manager.cosmos.rpc import Rpc
from node_manager.layout import Layout

DEPOSIT = 10_000_000
MARGIN_BLOCKS = 8
"""Blocks between the end of the vote and the upgrade: proposal and votes take some themselves."""

HALT_SECONDS = 30.0
POLL_SECONDS = 0.5
PENDING = frozenset({"PROPOSAL_STATUS_DEPOSIT_PERIOD", "PROPOSAL_STATUS_VOTING_PERIOD"})

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PassedUpgrade:
    """A plan the chain holds."""

    name: str
    height: int
    proposal: int


async def pass_upgrade(
    layout: Layout,
    name: str = UPGRADE,
    height: int | None = None,
    *,
    on_progress: Say = lambda _line: None,
) -> PassedUpgrade:
    """Propose the upgrade `name`, vote for it with every genesis validator, wait for the plan.

    Args:
        height: of the upgrade; None for soon after the end of the vote.

    Raises:
        UpgradeTooEarly, UpgradeNotPassed, ReleaseUnknown, NotRunning, TransactionFailed.
    """
    info = await running_info(layout)
    async with Rest([info.rest_url]) as rest, Rpc(info.rpc_url) as rpc:
        told = await rest.get("cosmos/gov/v1/params/voting")
        voting = float(str(told["params"]["voting_period"]).removesuffix("s"))
        now = (await rpc.status()).sync_info.latest_block_height
        # a block takes a second and rarely less
        earliest = now + int(voting) + MARGIN_BLOCKS + len(info.record.validators)
        chosen = earliest if height is None else height
        if chosen < earliest:
            raise UpgradeTooEarly(height=chosen, earliest=earliest)
        on_progress(f"Proposing the upgrade {name} at height {chosen}.")
        proposal = await _propose(info, name, chosen)
        for validator in info.record.validators:
            await send(info, validator.name, "vote", "gov", "vote", str(proposal), "yes")
        on_progress(f"The validators voted for proposal {proposal}: waiting for the vote's end.")
        await _await_vote(rest, proposal, name)
        plan = await rest.upgrade_plan()
    if plan is None or plan.height != chosen:
        raise UpgradeNotPassed(name=name, proposal=proposal, detail="passed, without a plan")
    await _remember(info, chosen)
    on_progress(f"The upgrade {name} is planned for height {chosen}.")
    return PassedUpgrade(name, chosen, proposal)


async def follow_upgrade(
    layout: Layout, plan: PassedUpgrade, *, on_progress: Say = lambda _line: None
) -> LocalnetInfo:
    """Wait until every genesis validator halted for `plan`, then go on with that release.

    Raises:
        NoBlocks: the chain does not reach the height, or does not go on after it.
    """
    info = await running_info(layout)
    on_progress(f"Waiting for height {plan.height}.")
    await wait_for_halt(info, plan)
    on_progress(f"The validators halted: starting them with {plan.name}.")
    info = await switch_release(layout, plan.name)
    await asyncio.to_thread(write_profile, info)
    on_progress(f"The chain goes on with {plan.name}.")
    return info


async def wait_for_halt(info: LocalnetInfo, plan: PassedUpgrade) -> None:
    """Wait until every genesis validator has written `upgrade-info.json` for `plan`.

    The program logs a consensus failure there and stays alive: the file is the sign.
    """
    async with Rpc(info.rpc_url) as rpc:
        height = await processes.height_of(rpc) or 0
        while height < plan.height - 1:
            first = info.folder.log(info.record.validators[0].name)
            height = await processes.wait_for_block(rpc, height, first)
    deadline = time.monotonic() + HALT_SECONDS
    for validator in info.record.validators:
        while not _halted(info, validator.name, plan):
            if time.monotonic() > deadline:
                file = info.folder.log(validator.name)
                raise ProcessFailed(name=validator.name, detail="It did not halt.", log=file)
            await asyncio.sleep(POLL_SECONDS)


def _halted(info: LocalnetInfo, validator: str, plan: PassedUpgrade) -> bool:
    path = info.folder.home(validator) / "data" / "upgrade-info.json"
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return bool(told.get("name") == plan.name and told.get("height") == plan.height)


async def _remember(info: LocalnetInfo, height: int) -> None:
    async with changing(info.folder):
        record = info.record.model_copy(update={"upgrade_height": height})
        record.write(info.folder.record)
        await asyncio.to_thread(write_profile, replace(info, record=record))


async def _propose(info: LocalnetInfo, name: str, height: int) -> int:
    sent = await send(
        info,
        FAUCET,
        f"propose {name}",
        *("upgrade", "software-upgrade", name, "--upgrade-height", str(height)),
        *("--upgrade-info", upgrade_info(info, name), "--no-validate"),
        *("--title", f"Upgrade to {name}", "--summary", f"Upgrade of the localnet to {name}"),
        *("--deposit", f"{DEPOSIT}{DENOM}"),
    )
    told = sent.attribute("submit_proposal", "proposal_id")
    if told is None:
        raise TransactionFailed(purpose=f"propose {name}", detail="it made no proposal")
    return int(told)


async def _await_vote(rest: Rest, proposal: int, name: str) -> None:
    while True:
        told = await rest.get(f"cosmos/gov/v1/proposals/{proposal}")
        state = str(told["proposal"]["status"])
        if state == "PROPOSAL_STATUS_PASSED":
            return
        if state not in PENDING:
            raise UpgradeNotPassed(name=name, proposal=proposal, detail=state)
        await asyncio.sleep(POLL_SECONDS)
