# SPDX-License-Identifier: Apache-2.0
"""`pairings`: which websites ask and which are paired, for an app without a window."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime

from bridge.cli.parser import Chosen
from bridge.server.control_client import ControlClient
from bridge.server.pairing_control_models import PAIRINGS, PairingsBody
from node_manager.explanation import OneClickError


class NobodyAsks(OneClickError):
    """There is no request to answer, or it shows another code."""

    code = "nobody-asks"
    what = "No website asks with the code {asked}."
    why = "{reason}"
    todo = "Compare the code that the website shows with: oneclick-validator pairings list"


class NotPairedSite(OneClickError):
    """No pairing has this id or origin."""

    code = "not-paired-site"
    what = "{name} is not paired."
    todo = "oneclick-validator pairings list shows those that are."


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command with its acts."""
    parser = commands.add_parser("pairings", help="websites that may reach this app")
    acts = parser.add_subparsers(title="acts", metavar="ACT", required=True)
    acts.add_parser("list", help="who asks and who is paired").set_defaults(run=show)
    allow = acts.add_parser("allow", help="allow the website that shows this code")
    allow.add_argument("code", help="as the website shows it")
    allow.add_argument("--once", action="store_true", help="until the app ends, not for good")
    allow.set_defaults(run=decide, refuse=False)
    refuse = acts.add_parser("refuse", help="refuse the website that shows this code")
    refuse.add_argument("code", help="as the website shows it")
    refuse.add_argument("--never", action="store_true", help="and do not let it ask again")
    refuse.set_defaults(run=decide, refuse=True, once=False)
    let_ask = acts.add_parser("let-ask", help="let a website ask again that may not")
    let_ask.add_argument("origin", help="as pairings list shows it")
    let_ask.set_defaults(run=let_ask_again)
    revoke = acts.add_parser("revoke", help="end a pairing")
    revoke.add_argument("name", help="its id or its origin")
    revoke.set_defaults(run=revoke_one)


def show(chosen: Chosen) -> int:
    """Print who asks and who is paired."""
    told = asyncio.run(_told(chosen))
    for waiting in told.waiting:
        print(f"asks    {waiting.origin}  code {waiting.code}  wants {', '.join(waiting.scopes)}")
    for one in told.pairings:
        since = datetime.fromtimestamp(one.created_at).astimezone()
        kind = "always" if one.always else "until the app ends"
        print(f"paired  {one.origin}  {', '.join(one.scopes)}  {kind}  {since:%c}  id {one.id}")
    for origin in told.blocked:
        print(f"may not ask  {origin}")
    if not told.waiting and not told.pairings:
        print("No website asks, and none is paired.")
    return 0


def decide(chosen: Chosen) -> int:
    """Allow or refuse the website that asks."""
    if chosen.refuse:
        decision = "never" if chosen.never else "refuse"
    else:
        decision = "once" if chosen.once else "always"
    origin = asyncio.run(_decide(chosen, decision))
    print(f"{origin} is {'refused' if chosen.refuse else 'allowed'}.")
    return 0


def revoke_one(chosen: Chosen) -> int:
    """End a pairing."""
    print(f"{asyncio.run(_revoke(chosen))} is not paired any more.")
    return 0


def let_ask_again(chosen: Chosen) -> int:
    """Let a blocked website ask again."""
    asyncio.run(_let_ask(chosen))
    print(f"{chosen.origin} may ask again.")
    return 0


async def _told(chosen: Chosen) -> PairingsBody:
    async with ControlClient(chosen.layout) as client:
        return PairingsBody.model_validate_json(await client.get(PAIRINGS))


async def _decide(chosen: Chosen, decision: str) -> str:
    code = chosen.code.replace(" ", "").upper()
    async with ControlClient(chosen.layout) as client:
        told = PairingsBody.model_validate_json(await client.get(PAIRINGS))
        if not told.waiting:
            raise NobodyAsks(asked=code, reason="No website waits for an answer now.")
        for one in told.waiting:
            if one.code == code:
                await client.post(f"{PAIRINGS}/{one.id}/decision", {"decision": decision})
                return one.origin
        # Their codes are not told: the person looks again.
        asking = ", ".join(one.origin for one in told.waiting)
        raise NobodyAsks(asked=code, reason=f"Others ask with another one: {asking}.")


async def _revoke(chosen: Chosen) -> str:
    async with ControlClient(chosen.layout) as client:
        told = PairingsBody.model_validate_json(await client.get(PAIRINGS))
        for one in told.pairings:
            if chosen.name in {one.id, one.origin}:
                await client.post(f"{PAIRINGS}/{one.id}/revoke")
                return one.origin
    raise NotPairedSite(name=chosen.name)


async def _let_ask(chosen: Chosen) -> None:
    async with ControlClient(chosen.layout) as client:
        await client.post(f"{PAIRINGS}/let-ask", {"origin": chosen.origin})
