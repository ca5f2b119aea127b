# SPDX-License-Identifier: Apache-2.0
"""`oneclick-validator localnet up|down|status|fund|upgrade`."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from bridge.localnet import faucet, network, upgrade
from bridge.localnet.record import DECIMALS, DISPLAY_DENOM, LocalnetInfo
from bridge.localnet.serve import serve


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its sub-commands."""
    parser = commands.add_parser("localnet", help="a local network for trying things out")
    sub = parser.add_subparsers(title="localnet commands", metavar="COMMAND", required=True)

    up = sub.add_parser("up", help="build it at the first time, start it, serve its release")
    up.add_argument("--validators", type=int, default=1, metavar="N", help="of a new chain (1)")
    up.set_defaults(run=_up)

    down = sub.add_parser("down", help="stop it; the next up goes on with the same chain")
    down.add_argument("--forget", action="store_true", help="remove the chain and its keys too")
    down.set_defaults(run=_down)

    sub.add_parser("status", help="what it does now").set_defaults(run=_status)

    fund = sub.add_parser("fund", help="send tokens of no worth to an account")
    fund.add_argument("address", metavar="ADDRESS", help="an account, omni1...")
    fund.add_argument(
        "--amount", type=int, default=10_000, help=f"in whole {DISPLAY_DENOM} (10000)"
    )
    fund.set_defaults(run=_fund)

    plan = sub.add_parser("upgrade", help="pass the upgrade to v2 and carry it out")
    plan.add_argument("--height", type=int, help="of the upgrade (soon after the vote)")
    plan.add_argument(
        "--plan-only", action="store_true", help="pass it and leave the validators alone"
    )
    plan.set_defaults(run=_upgrade)

    server = sub.add_parser("serve")
    server.add_argument("--build", type=Path, required=True)
    server.add_argument("--www", type=Path, required=True)
    server.add_argument("--port", type=int, required=True)
    server.set_defaults(run=_serve)


def _say(line: str) -> None:
    print(line, flush=True)


def _up(args: argparse.Namespace) -> int:
    info = asyncio.run(network.up(args.layout, validators=args.validators, on_progress=_say))
    _describe(info)
    return 0


def _describe(info: LocalnetInfo) -> None:
    _say(f"  chain     {info.chain_id}, program {info.build.release(info.record.release).version}")
    _say(f"  rest      {info.rest_url}")
    _say(f"  peer      {info.peer}")
    _say(f"  genesis   {info.genesis_url}")
    _say(f"  release   {info.release_url('v1')}")
    _say(f"  profile   {info.profile}")
    _say(f"  faucet    {info.faucet_address}")


def _down(args: argparse.Namespace) -> int:
    ran = asyncio.run(network.down(args.layout, forget=args.forget))
    _say("The localnet is stopped." if ran else "The localnet did not run.")
    if args.forget:
        _say("Its chain is removed.")
    return 0


def _status(args: argparse.Namespace) -> int:
    now = asyncio.run(network.status(args.layout))
    if now.record is None:
        _say("There is no localnet on this computer.")
        return 1
    state = "runs" if now.running else "is stopped" if now.stopped else "runs in part"
    _say(f"The localnet {now.record.chain_id} {state}, release {now.record.release}.")
    height = "unknown" if now.height is None else f"{now.height:,}"
    age = "" if now.block_age is None else f", last block {now.block_age:.1f} s ago"
    _say(f"  height    {height}{age}")
    for process in now.processes:
        what = "does not run" if process.pid is None else f"runs (process {process.pid})"
        _say(f"  {process.name:<14}{what}")
    return 0 if now.running else 1


def _fund(args: argparse.Namespace) -> int:
    amount = args.amount * 10**DECIMALS
    tx_hash = asyncio.run(faucet.fund(args.layout, args.address, amount))
    _say(f"Sent {args.amount:,} {DISPLAY_DENOM} to {args.address}. Transaction {tx_hash}.")
    return 0


def _upgrade(args: argparse.Namespace) -> int:

    async def carry() -> None:
        plan = await upgrade.pass_upgrade(args.layout, height=args.height, on_progress=_say)
        if not args.plan_only:
            await upgrade.follow_upgrade(args.layout, plan, on_progress=_say)

    asyncio.run(carry())
    return 0


def _serve(args: argparse.Namespace) -> int:
    serve(args.build, args.www, args.port)
    return 0
