# SPDX-License-Identifier: Apache-2.0
"""`tx`: become and stay a validator without a portal. The wallet signs a file elsewhere."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.cli.parser import Chosen
from node_manager.errors import UnknownNode
from node_manager.explanation import OneClickError
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.profile import Profile
from node_manager.node.custody import Custody
from node_manager.node.record import NodeRecord, load_record

if TYPE_CHECKING:
    from bridge.orchestrator.chain.building import Unsigned, Wanted

FEES = 10**6
"""Base units beside the stake that the localnet's operator gets for fees."""


class ValueNotAllowed(OneClickError):
    """An option cannot be taken."""

    code = "tx-value-not-allowed"
    what = "The transaction was not made."
    why = "{reason}"
    todo = "Correct the option. Nothing was sent."


class FaucetOnlyLocal(OneClickError):
    """There is no funded account on a public network."""

    code = "faucet-only-local"
    what = "--faucet is for the local network."
    why = "{network} is not one: its tokens have worth, and its operator is your wallet."
    todo = "Name the wallet with --wallet and sign the file that --out writes."


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command with its acts; nothing heavy is imported until one runs."""
    parser = commands.add_parser("tx", help="transactions of the validator, signed by your wallet")
    acts = parser.add_subparsers(title="acts", metavar="ACT", required=True)
    create = _act(acts, "create-validator", "become a validator")
    create.add_argument("--amount", required=True, help="what is locked, such as 1000 (OMNI)")
    create.add_argument("--commission", default="10", help="in percent (10)")
    create.add_argument("--max-commission", default="20", help="in percent, final (20)")
    create.add_argument("--max-change", default="1", help="in points a day, final (1)")
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
    for name in ("moniker", "identity", "website", "security-contact", "details"):
        parser.add_argument(f"--{name}")


def make(chosen: Chosen) -> int:
    """Make the transaction, and with --faucet sign and send it."""
    record = _record(chosen)
    profile = Catalogue(chosen.layout).get(record.network)
    return asyncio.run(_make(chosen, record, profile))


async def _make(chosen: Chosen, record: NodeRecord, profile: Profile) -> int:
    from bridge.transactions import make_unsigned, send_signed, write_unsigned

    if not chosen.faucet:
        wallet = chosen.wallet or record.wallet_address
        if not wallet:
            raise ValueNotAllowed(reason="--wallet is missing: whose validator is it?")
        unsigned = await make_unsigned(profile, await _wanted(chosen, record, profile, wallet))
        await asyncio.to_thread(write_unsigned, unsigned, chosen.out)
        _describe(unsigned)
        print(f"Written to {chosen.out}. Sign it with the wallet {wallet}, for example:")
        print(
            f"  {profile.daemon_name} tx sign {chosen.out} --from KEY --chain-id "
            f"{profile.chain_id} --node RPC --output-document signed.json"
        )
        print("  oneclick-validator tx broadcast signed.json")
        return 0
    if not profile.is_local:
        raise FaucetOnlyLocal(network=profile.display_name)
    from bridge.localnet.operator import operator_of

    stake = _base(chosen.amount, profile) if "amount" in chosen else 0
    operator = await operator_of(chosen.layout, record.id, stake + FEES)
    unsigned = await make_unsigned(
        profile, await _wanted(chosen, record, profile, operator.address)
    )
    _describe(unsigned)
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder, "unsigned.json"), Path(folder, "signed.json")
        await asyncio.to_thread(write_unsigned, unsigned, files[0])
        await operator.sign(*files)
        done = await send_signed(profile, files[1], _say)
    print(f"Done in block {done.height:,}. Operated by {operator.address}.")
    return 0


def broadcast(chosen: Chosen) -> int:
    """Send a signed file."""
    from bridge.transactions import send_signed

    profile = Catalogue(chosen.layout).get(_record(chosen).network)
    done = asyncio.run(send_signed(profile, chosen.file, _say))
    print(f"Done in block {done.height:,}. Transaction {done.tx_hash}.")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


def _describe(unsigned: Unsigned) -> None:
    for line in unsigned.in_words:
        print(line)
    fee = unsigned.fee
    print(f"Fee at most {fee.amount:,} {fee.denom} ({fee.gas:,} gas at {unsigned.gas_price:f}).")


async def _wanted(chosen: Chosen, record: NodeRecord, profile: Profile, wallet: str) -> Wanted:
    """What the options ask for, every limit checked."""
    from pydantic import ValidationError

    from bridge.orchestrator.api.transaction_models import TransactionAsked
    from bridge.orchestrator.chain.messages import b64
    from bridge.transactions import SOME_KEY, profile_on_chain

    wish: dict[str, Any] = {"walletAddress": wallet, "pubKey": b64(SOME_KEY)}
    match chosen.act:
        case "create-validator":
            custody = Custody(chosen.layout.node(record.id), record)
            wish |= {
                "kind": "create-validator",
                "profile": _profile(chosen, {"moniker": record.moniker}),
                "consensusPubkey": custody.info().public_key.base64,
                "commissionRate": _share(chosen.commission),
                "commissionMaxRate": _share(chosen.max_commission),
                "commissionMaxChangeRate": _share(chosen.max_change),
                "amount": _base(chosen.amount, profile),
            }
        case "edit":
            known = await profile_on_chain(profile, wallet)
            rate = None if chosen.commission is None else _share(chosen.commission)
            wish |= {
                "kind": "edit-validator",
                "profile": _profile(chosen, known),
                "commissionRate": rate,
            }
        case "delegate":
            wish |= {"kind": "delegate", "amount": _base(chosen.amount, profile)}
        case "withdraw":
            wish |= {"kind": "withdraw", "commission": not chosen.rewards_only}
        case act:
            wish |= {"kind": act}
    try:
        return TransactionAsked.model_validate({"transaction": wish}).transaction
    except ValidationError as error:
        fault = error.errors()[0]
        reason = f"{fault['loc'][-1]}: {fault['msg'].removeprefix('Value error, ')}"
        raise ValueNotAllowed(reason=reason) from error


def _profile(chosen: Chosen, known: dict[str, str]) -> dict[str, str]:
    names = {
        "moniker": "moniker",
        "identity": "identity",
        "website": "website",
        "security_contact": "securityContact",
        "details": "details",
    }
    told = {name: getattr(chosen, name) for name in names}
    return {
        names[name]: known.get(name, "") if value is None else value for name, value in told.items()
    }


def _share(text: str) -> str:
    try:
        return format(Decimal(text.removesuffix("%").strip()) / 100, "f")
    except InvalidOperation as error:
        raise ValueNotAllowed(reason=f"{text} is not a percentage.") from error


def _base(text: str, profile: Profile) -> int:
    """Base units of an amount as a person writes it."""
    decimals = profile.decimals or 0
    try:
        amount = Decimal(text.replace(",", "")) * 10**decimals
    except InvalidOperation as error:
        raise ValueNotAllowed(reason=f"{text} is not an amount.") from error
    if not amount.is_finite() or amount != amount.to_integral_value() or amount <= 0:
        raise ValueNotAllowed(reason=f"{text} is not an amount of at most {decimals} decimals.")
    return int(amount)


def _record(chosen: Chosen) -> NodeRecord:
    ids = sorted(file.parent.name for file in chosen.layout.nodes.glob("*/node.json"))
    named = chosen.node or (ids[0] if len(ids) == 1 else "")
    if named not in ids:
        raise UnknownNode(node_id=named or "unnamed")
    return load_record(chosen.layout.node(named).record)
