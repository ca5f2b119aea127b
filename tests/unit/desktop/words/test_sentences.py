# SPDX-License-Identifier: Apache-2.0
"""The state is told as it is: never better than the figures allow."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.look.glyphs import Glyph
from desktop.words.sentences import Act, next_thing, sentence
from node_manager.checks.result import PreflightFailed
from node_manager.cosmos.rest_answers import BONDED
from node_manager.cosmos.standing import STATUS_WORDS
from node_manager.figures import Figure
from node_manager.state import NodeState, NodeStatus, SignerFigures
from tests.helpers import samples

NOW = 1_800_000_000.0


def with_chain(node: NodeStatus, **facts: object) -> NodeStatus:
    figures = {name: Figure(value, "chain", NOW - 4, 15) for name, value in facts.items()}
    return replace(node, chain=replace(node.chain, **figures))


def test_a_validator_that_signs_is_good_and_its_misses_are_counted() -> None:
    said = sentence(samples.signing(NOW), NOW)
    assert said.glyph is Glyph.GOOD
    assert said.title == "Signing. 3 of the last 100 blocks missed."
    assert said.line == "In step with the network. Newest block signed 1 s ago."


def test_many_misses_are_worth_a_warning() -> None:
    status = replace(samples.signing(NOW), blocks=samples.blocks(NOW, range(0, 82, 2)))
    said = sentence(status, NOW)
    assert said.glyph is Glyph.WARN
    assert said.title == "Signing, but 41 of the last 100 blocks missed."


def test_misses_in_a_row_up_to_the_newest_block_are_not_signing() -> None:
    said = sentence(samples.alert(NOW), NOW)
    assert said.glyph is Glyph.BAD
    assert said.title == "Not signing. 58 blocks missed in a row."
    assert "cannot be written, so nothing is signed" in said.line
    assert said.short == "not signing"


def test_a_node_that_does_not_answer_is_unknown_whatever_it_said_before() -> None:
    later = NOW + 60
    said = sentence(samples.signing(NOW), later)
    assert said.glyph is Glyph.UNKNOWN
    assert said.title == "State unknown: the node has not answered for 1 min."


def test_a_stale_height_takes_the_good_glyph_away() -> None:
    said = sentence(samples.signing(NOW), NOW + 20)
    assert said.glyph is Glyph.UNKNOWN
    assert "20 s old" in said.line or "21 s old" in said.line


def test_jailed_says_when_it_may_be_released() -> None:
    status = with_chain(samples.signing(NOW), jailed=True, jailed_until=NOW + 600)
    said = sentence(status, NOW)
    assert said.glyph is Glyph.BAD
    assert "released by its operator after" in said.line
    over = with_chain(samples.signing(NOW), jailed=True, jailed_until=NOW - 600)
    assert sentence(over, NOW).line == "It may be released by its operator now."


def test_tombstoned_promises_nothing() -> None:
    status = with_chain(samples.signing(NOW), jailed=True, tombstoned=True)
    assert sentence(status, NOW).title == "Shut out for good."
    assert next_thing(status, NOW).act is not Act.KEYS


def test_a_locked_key_waits_for_the_person() -> None:
    locked = Figure(SignerFigures(locked=True), "signer", NOW - 1)
    status = replace(samples.backed_up(NOW), signer=locked)
    assert sentence(status, NOW).glyph is Glyph.WAITING
    assert next_thing(status, NOW).act is Act.UNLOCK


def test_unregistered_waits_and_is_not_called_signing() -> None:
    status = replace(with_chain(samples.signing(NOW), registered=False), blocks=())
    said = sentence(status, NOW)
    assert said.glyph is Glyph.WAITING
    assert said.title == "In step. Waiting to be registered."


def test_outside_the_active_set_is_said() -> None:
    status = with_chain(samples.signing(NOW), status="unbonding")
    assert "not in the active set" in sentence(status, NOW).title


def test_syncing_says_how_long_or_that_it_is_unknown() -> None:
    status = samples.syncing(NOW)
    assert sentence(status, NOW).title == "Syncing. About 51 min until it can sign."
    unknown = replace(status, seconds_left=Figure())
    assert sentence(unknown, NOW).title == "Syncing. The time left is unknown."


def test_stopped_says_what_it_costs() -> None:
    stopped = samples.stopped(NOW)
    assert sentence(stopped, NOW).line == "Blocks are being missed."
    free = with_chain(stopped, registered=False)
    assert "no block can be missed" in sentence(free, NOW).line
    unknown = replace(stopped, chain=replace(stopped.chain, registered=Figure()))
    assert sentence(unknown, NOW).line == "Whether blocks are being missed is unknown."


def test_a_failure_names_its_cause_and_the_way_out() -> None:
    failed = samples.failed(NOW)
    assert "Port 26656 (P2P) is taken" in sentence(failed, NOW).line
    thing = next_thing(failed, NOW)
    assert thing.act is Act.PORTS
    assert thing.button == "Choose free ports"
    assert "choose other ports" in thing.title


def test_a_check_that_found_a_taken_port_offers_free_ones() -> None:
    reason = PreflightFailed(
        problem="Port 26656 is taken.", cause="", way="", checks=["disk", "port-p2p"]
    )
    failed = replace(samples.failed(NOW), reason=reason.explanation)
    assert next_thing(failed, NOW).act is Act.PORTS
    other = replace(failed, reason=PreflightFailed(problem="", checks=["disk"]).explanation)
    assert next_thing(other, NOW).act is Act.RETRY


def test_the_engines_word_for_the_active_set_is_understood() -> None:
    status = with_chain(samples.signing(NOW), status=STATUS_WORDS[BONDED])
    assert "Signing" in sentence(status, NOW).title


def test_the_most_urgent_thing_wins() -> None:
    signing = samples.signing(NOW)
    assert next_thing(signing, NOW, 3).act is Act.BACKUP
    assert next_thing(samples.backed_up(NOW), NOW, 3).act is Act.DOCTOR
    assert next_thing(samples.backed_up(NOW), NOW, 1).title == "Mend 1 thing"
    jailed = with_chain(signing, jailed=True)
    assert next_thing(jailed, NOW).act is Act.UNJAIL
    assert next_thing(samples.failed(NOW), NOW, 3).act is Act.PORTS


def test_nothing_to_do_has_no_button() -> None:
    thing = next_thing(samples.backed_up(NOW), NOW)
    assert (thing.title, thing.button) == ("Nothing to do.", "")


@pytest.mark.parametrize("state", list(NodeState))
def test_every_state_has_a_sentence_even_when_nothing_is_known(state: NodeState) -> None:
    bare = NodeStatus("a", "net", "net-1", "m", state=state)
    said = sentence(bare, NOW)
    assert said.title.endswith(".")
    assert said.short
    assert said.glyph is not Glyph.GOOD
    assert next_thing(bare, NOW).title


@given(age=st.floats(min_value=0, max_value=1e6), missed=st.integers(0, 100))
def test_good_is_never_said_over_a_stale_height(age: float, missed: int) -> None:
    status = replace(
        samples.signing(NOW),
        height=Figure(samples.HEIGHT, "this node", NOW - age, 5.0),
        blocks=samples.blocks(NOW, range(missed)),
    )
    if sentence(status, NOW).glyph is Glyph.GOOD:
        assert age <= 15
