# SPDX-License-Identifier: Apache-2.0
"""The localnet's genesis: the program's own default with the values a local chain wants."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.localnet.record import DECIMALS, DENOM, DISPLAY_DENOM


@dataclass(frozen=True, slots=True)
class ChainRules:
    """What can be chosen about the chain.

    Attributes:
        voting_seconds: how long a vote of the governance lasts.
        signed_blocks_window: blocks over which signatures are counted.
        min_signed: share of them that a validator must sign.
        jail_seconds: jail after downtime; the SDK refuses less than a minute.
        unbonding_seconds: until unbonded stake is free.
    """

    voting_seconds: int = 12
    signed_blocks_window: int = 100
    min_signed: str = "0.5"
    jail_seconds: int = 60
    unbonding_seconds: int = 21 * 24 * 3600

    def __post_init__(self) -> None:
        if self.jail_seconds < 60:
            raise ValueError("the SDK refuses a jail of less than 60 seconds")
        if self.voting_seconds < 2 or self.signed_blocks_window < 2:
            raise ValueError("a vote and a window want at least 2")


def apply_rules(genesis: str, rules: ChainRules) -> str:
    """The genesis (JSON) with `rules` and Omniphi's economics where they are public.

    Commission, validator count and slash shares: Omniphi's public genesis.
    """
    content: dict[str, Any] = json.loads(genesis)
    state = content["app_state"]
    _set(
        state["gov"]["params"],
        {
            "voting_period": f"{rules.voting_seconds}s",
            "expedited_voting_period": f"{rules.voting_seconds - 1}s",
            "max_deposit_period": "60s",
        },
    )
    _set(
        state["slashing"]["params"],
        {
            "signed_blocks_window": str(rules.signed_blocks_window),
            "min_signed_per_window": rules.min_signed,
            "downtime_jail_duration": f"{rules.jail_seconds}s",
            "slash_fraction_downtime": "0.0001",
            "slash_fraction_double_sign": "0.05",
        },
    )
    _set(
        state["staking"]["params"],
        {
            "unbonding_time": f"{rules.unbonding_seconds}s",
            "max_validators": 125,
            "min_commission_rate": "0.05",
        },
    )
    _set(state["mint"]["params"], {"blocks_per_year": str(365 * 24 * 3600)})
    state["bank"]["denom_metadata"] = [_metadata()]
    return json.dumps(content, indent=1) + "\n"


def _set(params: dict[str, Any], values: Mapping[str, object]) -> None:
    unknown = values.keys() - params.keys()
    if unknown:
        # a silent new key would leave the rule unset
        raise KeyError(f"the genesis has no {', '.join(sorted(unknown))}")
    params.update(values)


def _metadata() -> dict[str, object]:
    return {
        "description": "Token of the local network; it has no worth.",
        "denom_units": [
            {"denom": DENOM, "exponent": 0, "aliases": []},
            {"denom": DISPLAY_DENOM, "exponent": DECIMALS, "aliases": []},
        ],
        "base": DENOM,
        "display": DISPLAY_DENOM,
        "name": "Omniphi (local)",
        "symbol": DISPLAY_DENOM,
        "uri": "",
        "uri_hash": "",
    }
