# SPDX-License-Identifier: Apache-2.0
"""A validator's operator, rules and transactions that fit together, for tests and pictures."""

from __future__ import annotations

import base64
import time
from typing import Any

from bridge.orchestrator.portal.standing import (
    CommissionBody,
    RulesBody,
    StandingBody,
    ValidatorBody,
)
from bridge.transactions.files import Included, Signed
from bridge.transactions.operating import Draft, Operating
from bridge.transactions.reading import read_transaction
from tests.helpers import samples

OMNI = 10**6
WALLET = "omni1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5lzv7xu"
OPERATOR = "omnivaloper1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5dg0h2y"
OWN_KEY = base64.b64encode(samples.PUBKEY).decode()

RULES = RulesBody(
    unbonding_seconds=21 * 86400.0,
    max_validators=125,
    min_commission_rate="0.050000000000000000",
    signed_blocks_window=30_000,
    may_miss=28_500,
    jail_seconds=600.0,
    slash_downtime="0.000100000000000000",
    slash_double_sign="0.050000000000000000",
)


def validator(**changed: Any) -> ValidatorBody:
    """The wallet's validator as the chain shows it."""
    values: dict[str, Any] = {
        "operator_address": OPERATOR,
        "consensus_pubkey": OWN_KEY,
        "moniker": "my-validator",
        "identity": "",
        "website": "https://validator.example",
        "security_contact": "",
        "details": "",
        "status": "active",
        "jailed": False,
        "tokens": str(1_000 * OMNI),
        "commission": CommissionBody(
            rate="0.100000000000000000",
            max_rate="0.200000000000000000",
            max_change_rate="0.010000000000000000",
            updated_at=time.time() - 10 * 86400,
        ),
        "signing": None,
        "rewards": str(43 * OMNI),
        "commission_earned": "0",
        "heartbeat": None,
    }
    return ValidatorBody(**values | changed)


def operating(
    *, local: bool = False, wallet: str = WALLET, found: ValidatorBody | None = None
) -> Operating:
    """Who operates it: nobody named with an empty `wallet`."""
    standing = None
    if wallet:
        standing = StandingBody(
            address=wallet,
            operator_address=OPERATOR,
            chain_id="omniphi-testnet-2",
            height=samples.HEIGHT,
            at=time.time(),
            known=True,
            balance=str(20_000 * OMNI),
            denom="omniphi",
            rules=RULES,
            validator=found,
        )
    return Operating(
        network="Omniphi Testnet",
        chain_id="omniphi-testnet-2",
        daemon_name="posd",
        denom="omniphi",
        display_denom="OMNI",
        decimals=6,
        rules=RULES,
        wallet=wallet,
        standing=standing,
        signs_here=local,
    )


def create(pubkey: str = OWN_KEY, amount: int = 1_000 * OMNI) -> dict[str, Any]:
    """A transaction that makes the validator, not signed."""
    message = {
        "@type": "/cosmos.staking.v1beta1.MsgCreateValidator",
        "description": {"moniker": "my-validator"},
        "commission": {"rate": "0.1", "max_rate": "0.2", "max_change_rate": "0.01"},
        "min_self_delegation": "1",
        "validator_address": OPERATOR,
        "pubkey": {"@type": "/cosmos.crypto.ed25519.PubKey", "key": pubkey},
        "value": {"denom": "omniphi", "amount": str(amount)},
    }
    return transaction(message)


def transaction(*messages: dict[str, Any], signatures: tuple[str, ...] = ()) -> dict[str, Any]:
    """A transaction of these messages in the form of its file."""
    fee = {"amount": [{"denom": "omniphi", "amount": "6100"}], "gas_limit": "244000"}
    return {
        "body": {"messages": list(messages), "memo": ""},
        "auth_info": {"signer_infos": [], "fee": fee},
        "signatures": list(signatures),
    }


def draft(document: dict[str, Any], by: Operating | None = None) -> Draft:
    """A made transaction; what is written in full is not part of it."""
    unsigned: Any = None
    return Draft(unsigned, read_transaction(document), by or operating())


def signed(document: dict[str, Any]) -> Signed:
    """The same, signed."""
    whole = document | {"signatures": ["c2lnbmVk"]}
    return Signed(whole, read_transaction(whole))


INCLUDED = Included("AB" * 32, samples.HEIGHT + 2)
