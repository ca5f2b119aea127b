# SPDX-License-Identifier: Apache-2.0
"""Operating the validator of one node: who does, by which rules, and on the localnet at once."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bridge.orchestrator.chain.addresses import Addresses, NotAnAddress
from bridge.orchestrator.chain.building import Unsigned
from bridge.orchestrator.chain.client import ChainClient
from bridge.orchestrator.portal.standing import RulesBody, StandingBody, Standings
from bridge.transactions.files import (
    Included,
    chain_address,
    make_unsigned,
    read_signed,
    send_signed,
    write_unsigned,
)
from bridge.transactions.reading import Reading
from bridge.transactions.setup import ValidatorSetup, read_setup, setup_file
from bridge.transactions.wishes import ValueNotAllowed, Wish, wanted
from node_manager.cosmos.encoding import from_bech32, to_bech32
from node_manager.explanation import OneClickError
from node_manager.keys.consensus import ConsensusPublicKey
from node_manager.layout import Layout
from node_manager.networks.profile import Profile

FEES = 10**6
"""Base units beside the stake that the localnet's operator gets for fees."""


class OnlyLocal(OneClickError):
    """There is no funded account on a public network."""

    code = "faucet-only-local"
    what = "Only the local network has a funded account."
    why = "{network} is not one: its tokens have worth, and its operator is your wallet."
    todo = "Name that wallet, and sign the file of the unsigned transaction with it."


@dataclass(frozen=True, slots=True)
class Operating:
    """What is known of the account that operates a validator.

    Attributes:
        decimals: between base and shown amounts; 0 where nobody says.
        rules: the chain's live parameters.
        wallet: the account, empty while it is not known.
        standing: how that account stands, None without one.
        signs_here: whether this computer can sign for it: an account of the localnet.
        planned: what a validator to be shall be called and charge, None where nobody said.
    """

    network: str
    chain_id: str
    daemon_name: str
    denom: str
    display_denom: str
    decimals: int
    rules: RulesBody
    wallet: str
    standing: StandingBody | None
    signs_here: bool
    planned: ValidatorSetup | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An unsigned transaction, what it does, and who is to sign it."""

    unsigned: Unsigned
    reading: Reading
    operating: Operating


async def read_operating(
    layout: Layout, profile: Profile, node_id: str, wallet: str, consensus_pubkey: str
) -> Operating:
    """Read it anew; the chain's word on who operates the key counts more than `wallet`.

    Args:
        node_id: the validator's node on this computer.
        wallet: the account that the person names, or empty.
        consensus_pubkey: the validator's key, base64.

    Raises:
        ValueNotAllowed: `wallet` is no account of this chain.
        ChainUnavailable: the chain does not answer.
        NotRunning: the localnet does not run.
    """
    chain = ChainClient(chain_address(profile))
    try:
        known = await _operator(chain, consensus_pubkey)
        wallet = known or wallet
        if wallet:
            check_wallet(wallet, profile)
        standings = Standings(chain)
        rules = await standings.rules()
        standing = await standings.read(wallet) if wallet else None
    finally:
        await chain.stop()
    signs_here = profile.is_local
    if profile.is_local and known:
        from bridge.localnet.operator import holds

        signs_here = await holds(layout, known)
    return Operating(
        network=profile.display_name,
        chain_id=profile.chain_id,
        daemon_name=profile.daemon_name,
        denom=profile.denom,
        display_denom=profile.display_denom if profile.decimals is not None else profile.denom,
        decimals=profile.decimals or 0,
        rules=rules,
        wallet=wallet,
        standing=standing,
        signs_here=signs_here,
        planned=await asyncio.to_thread(read_setup, setup_file(layout, node_id)),
    )


async def operator_on_chain(profile: Profile, consensus_pubkey: str) -> str:
    """The account that operates the validator with this key (base64), empty where there is none.

    Raises:
        ChainUnavailable: the chain does not answer.
    """
    chain = ChainClient(chain_address(profile))
    try:
        return await _operator(chain, consensus_pubkey)
    finally:
        await chain.stop()


async def _operator(chain: ChainClient, consensus_pubkey: str) -> str:
    found = (await chain.refresh()).by_pubkey.get(consensus_pubkey)
    if found is None:
        return ""
    return to_bech32(chain.address.bech32_prefix, from_bech32(found.operator_address)[1])


def check_wallet(wallet: str, profile: Profile) -> None:
    """Refuse what is no account of the profile's chain.

    Raises:
        ValueNotAllowed: of the field "walletAddress".
    """
    try:
        Addresses(profile.bech32_prefix).account_bytes(wallet)
    except NotAnAddress as error:
        reason = f"{wallet} is no account of {profile.chain_id}: it {error}."
        raise ValueNotAllowed(field="walletAddress", reason=reason) from error


async def act_locally(
    layout: Layout,
    profile: Profile,
    wish: Wish,
    consensus_pubkey: str,
    made: Callable[[Unsigned], None] = lambda _unsigned: None,
    sent: Callable[[str], None] = lambda _hash: None,
) -> tuple[Included, str]:
    """On the localnet: fund the operator, make, sign, send, follow; the operator's address too.

    `made` is shown the transaction before it is signed, `sent` is told its hash.

    Raises:
        OnlyLocal: the network is not local.
        ValueNotAllowed, ChainRefused, ChainUnavailable, TransactionFailed and what `send_signed`
        raises.
    """
    if not profile.is_local:
        raise OnlyLocal(network=profile.display_name)
    from bridge.localnet.operator import operator_of

    # An account operates one validator for good, so each key has one of its own.
    own = f"operator-{ConsensusPublicKey.from_base64(consensus_pubkey).address[:12].lower()}"
    account = await operator_on_chain(profile, consensus_pubkey) or own
    operator = await operator_of(layout, account, (wish.amount or 0) + FEES)
    unsigned = await make_unsigned(profile, wanted(wish, operator.address, consensus_pubkey))
    made(unsigned)
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder, "unsigned.json"), Path(folder, "signed.json")
        await asyncio.to_thread(write_unsigned, unsigned, files[0])
        await operator.sign(*files)
        signed = await read_signed(files[1])
    return await send_signed(profile, signed, sent), operator.address
