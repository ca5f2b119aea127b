# SPDX-License-Identifier: Apache-2.0
"""The rules of the local chain, set in the genesis that its own program makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.localnet.genesis import ChainRules, apply_rules

INIT = Path(__file__).parents[3] / "fixtures" / "localnet" / "genesis_init.json"
"""As `posd init fixture --chain-id omniphi-localnet-1` of resources/localnet wrote it."""


def params(rules: ChainRules) -> dict[str, dict[str, Any]]:
    state = json.loads(apply_rules(INIT.read_text(), rules))["app_state"]
    return {name: part["params"] for name, part in state.items() if (part or {}).get("params")}


def test_a_vote_is_short_and_an_expedited_one_shorter() -> None:
    gov = params(ChainRules())["gov"]
    assert (gov["voting_period"], gov["expedited_voting_period"]) == ("12s", "11s")


def test_window_and_jail_are_what_was_asked_for() -> None:
    slashing = params(ChainRules(signed_blocks_window=20, jail_seconds=90))["slashing"]
    assert slashing["signed_blocks_window"] == "20"
    assert slashing["downtime_jail_duration"] == "90s"


def test_everything_else_stays_as_the_program_made_it() -> None:
    before = json.loads(INIT.read_text())
    after = json.loads(apply_rules(INIT.read_text(), ChainRules()))
    for name in ("auth", "distribution", "evidence", "genutil"):
        assert after["app_state"][name] == before["app_state"][name]
    assert after["consensus"] == before["consensus"]


def test_a_jail_that_the_program_refuses_is_refused_before() -> None:
    with pytest.raises(ValueError, match="less than 60 seconds"):
        ChainRules(jail_seconds=30)


def test_a_rule_that_the_genesis_does_not_know_is_an_error() -> None:
    genesis = json.loads(INIT.read_text())
    del genesis["app_state"]["gov"]["params"]["voting_period"]
    with pytest.raises(KeyError, match="voting_period"):
        apply_rules(json.dumps(genesis), ChainRules())
