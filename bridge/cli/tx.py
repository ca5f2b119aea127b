# SPDX-License-Identifier: Apache-2.0
"""`tx`: become and stay a validator without a portal. The wallet signs a file elsewhere."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.cli.parser import Chosen
from node_manager.cosmos.description import Description
from node_manager.errors import UnknownNode
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.profile import Profile
from node_manager.node.custody import Custody
from node_manager.node.record import NodeRecord, load_record

if TYPE_CHECKING:
    from bridge.orchestrator.chain.building import Unsigned
    from bridge.transactions.files import Included
    from bridge.transactions.wishes import Wish

USUAL = (Decimal("0.1"), Decimal("0.2"), Decimal("0.01"))
"""Commission, its limit and its change a day, where nobody said any."""
PROFILE = ("moniker", "identity", "website", "security_contact", "details")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command with its acts; nothing heavy is imported until one runs."""
    parser = commands.add_parser("tx", help="transactions of the validator, signed by your wallet")
    acts = parser.add_subparsers(title="acts", metavar="ACT", required=True)
    create = _act(acts, "create-validator", "become a validator")
    create.add_argument("--amount", required=True, help="what is locked, such as 1000 (OMNI)")
    create.add_argument("--commission", help="in percent (as planned, else 10)")
    create.add_argument("--max-commission", help="in percent, final (as planned, else 20)")
    create.add_argument("--max-change", help="in points a day, final (as planned, else 1)")
    _profile_options(create)
    edit = _act(acts, "edit", "change the profile or the commission")
    edit.add_argument("--commission", help="in percent; without it, it stays")
    _profile_options(edit)
    _act(acts, "unjail", "come back after a jail; only when the node is in step")
    delegate = _act(acts, "delegate", "lock more with the own validator")
    delegate.add_argument("--amount", required=True, help="such as 1000 (OMNI)")
    withdraw = _act(acts, "withdraw", "take out rewards and commission")
    withdraw.add_argument("--rewards-only", action="store_true", help="leave the commission")
    send = acts.add_parser("broadcast", help="send a signed file and follow it into its block")
    send.add_argument("file", type=Path)
    send.add_argument("--node", help="the validator's id; the only one without it")
    send.set_defaults(run=broadcast)


def _act(
    acts: argparse._SubParsersAction[argparse.ArgumentParser], name: str, words: str
) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=words)
    parser.add_argument("--node", help="the validator's id; the only one without it")
    parser.add_argument("--wallet", help="the account that operates the validator")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--out", type=Path, help="write the unsigned transaction here")
    way.add_argument(
        "--faucet", action="store_true", help="on the local network: sign and send it at once"
    )
    parser.set_defaults(run=make, act=name)
    return parser


def _profile_options(parser: argparse.ArgumentParser) -> None:
    for name in PROFILE:
        parser.add_argument(f"--{name.replace('_', '-')}")


def make(chosen: Chosen) -> int:
    """Make the transaction, and with --faucet sign and send it."""
    record = _record(chosen)
    profile = Catalogue(chosen.layout).get(record.network)
    return asyncio.run(_make(chosen, record, profile))


async def _make(chosen: Chosen, record: NodeRecord, profile: Profile) -> int:
    from bridge.transactions.files import make_unsigned, write_unsigned
    from bridge.transactions.operating import OnlyLocal, act_locally, check_wallet
    from bridge.transactions.wishes import ValueNotAllowed, wanted

    key = Custody(chosen.layout.node(record.id), record).info().public_key.base64
    if chosen.faucet:
        if not profile.is_local:
            raise OnlyLocal(network=profile.display_name)
        wish = await _wish(chosen, record, profile, "", key)
        done, operator = await act_locally(chosen.layout, profile, wish, key, _describe, _tell_sent)
        print(f"Done in block {done.height:,}. Operated by {operator}.")
        return 0
    wallet = chosen.wallet or record.wallet_address
    if not wallet:
        raise ValueNotAllowed(reason="--wallet is missing: whose validator is it?")
    check_wallet(wallet, profile)
    wish = await _wish(chosen, record, profile, wallet, key)
    unsigned = await make_unsigned(profile, wanted(wish, wallet, key))
    await asyncio.to_thread(write_unsigned, unsigned, chosen.out)
    _describe(unsigned)
    print(f"Written to {chosen.out}. Sign it with the wallet {wallet}, for example:")
    print(
        f"  {profile.daemon_name} tx sign {chosen.out} --from KEY --chain-id "
        f"{profile.chain_id} --node RPC --output-document signed.json"
    )
    print("  oneclick-validator tx broadcast signed.json")
    return 0


def broadcast(chosen: Chosen) -> int:
    """Send a signed file."""
    profile = Catalogue(chosen.layout).get(_record(chosen).network)
    done = asyncio.run(_broadcast(profile, chosen.file))
    print(f"Done in block {done.height:,}. Transaction {done.tx_hash}.")
    return 0


async def _broadcast(profile: Profile, file: Path) -> Included:
    from bridge.transactions.files import read_signed, send_signed

    return await send_signed(profile, await read_signed(file), _tell_sent)


def _tell_sent(tx_hash: str) -> None:
    print(f"Sent. Waiting for a block to hold {tx_hash}.", flush=True)


def _describe(unsigned: Unsigned) -> None:
    for line in unsigned.in_words:
        print(line)
    fee = unsigned.fee
    print(f"Fee at most {fee.amount:,} {fee.denom} ({fee.gas:,} gas at {unsigned.gas_price:f}).")


async def _wish(
    chosen: Chosen, record: NodeRecord, profile: Profile, wallet: str, key: str
) -> Wish:
    """What the options ask for; without `wallet` it is who operates `key` on chain."""
    from bridge.transactions.wishes import Wish, base_units, share_of

    decimals = profile.decimals or 0
    match chosen.act:
        case "create-validator":
            known, rates = _planned(chosen.layout, record)
            told = (chosen.commission, chosen.max_commission, chosen.max_change)
            commission, limit, change = (
                usual if text is None else share_of(text)
                for text, usual in zip(told, rates, strict=True)
            )
            return Wish(
                "create-validator",
                profile=_profile(chosen, known),
                amount=base_units(chosen.amount, decimals),
                commission=commission,
                max_commission=limit,
                max_change=change,
            )
        case "edit":
            from bridge.transactions.files import profile_on_chain
            from bridge.transactions.operating import operator_on_chain

            wallet = wallet or await operator_on_chain(profile, key)
            known = Description(record.moniker)
            if wallet:
                known = await profile_on_chain(profile, wallet)
            rate = None if chosen.commission is None else share_of(chosen.commission)
            return Wish("edit-validator", profile=_profile(chosen, known), commission=rate)
        case "delegate":
            return Wish("delegate", amount=base_units(chosen.amount, decimals))
        case "withdraw":
            return Wish("withdraw", with_commission=not chosen.rewards_only)
        case _:
            return Wish("unjail")


def _planned(layout: Layout, record: NodeRecord) -> tuple[Description, Sequence[Decimal]]:
    """What the validator shall be called and charge where the command does not say."""
    from bridge.transactions.setup import read_setup, setup_file

    planned = read_setup(setup_file(layout, record.id))
    if planned is None:
        return Description(record.moniker), USUAL
    about = Description(
        planned.moniker, "", planned.website, planned.security_contact, planned.details
    )
    rates = (
        planned.commission_rate,
        planned.commission_max_rate,
        planned.commission_max_change_rate,
    )
    return about, rates


def _profile(chosen: Chosen, known: Description) -> Description:
    told = {name: getattr(chosen, name) for name in PROFILE}
    return replace(known, **{name: value for name, value in told.items() if value is not None})


def _record(chosen: Chosen) -> NodeRecord:
    ids = sorted(file.parent.name for file in chosen.layout.nodes.glob("*/node.json"))
    named = chosen.node or (ids[0] if len(ids) == 1 else "")
    if named not in ids:
        raise UnknownNode(node_id=named or "unnamed")
    return load_record(chosen.layout.node(named).record)
