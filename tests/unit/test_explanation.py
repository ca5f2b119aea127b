# SPDX-License-Identifier: Apache-2.0
"""Trouble reaches a person as what, why and what to do."""

from __future__ import annotations

import pickle

from node_manager.explanation import Explanation, OneClickError


class PortTaken(OneClickError):
    code = "port-taken"
    what = "Port {port} is taken."
    why = "Program {holder} uses it."
    todo = "Stop it, or choose another port."


def test_an_error_reads_as_three_sentences() -> None:
    error = PortTaken(port=26656, holder="gaiad (4121)")
    assert str(error) == (
        "Port 26656 is taken. Program gaiad (4121) uses it. Stop it, or choose another port."
    )
    assert error.explanation.filled()[0] == "Port 26656 is taken."


def test_a_missing_fact_reads_unknown_and_hides_nothing() -> None:
    assert str(PortTaken(port=1)).startswith("Port 1 is taken. Program unknown uses it.")


def test_templates_are_translated_before_they_are_filled() -> None:
    german = {"Port {port} is taken.": "Port {port} ist belegt."}
    what, _why, _todo = PortTaken(port=7).explanation.filled(lambda text: german.get(text, text))
    assert what == "Port 7 ist belegt."


def test_an_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(PortTaken(port=7, holder="x")))
    assert isinstance(error, PortTaken)
    assert error.facts == {"port": 7, "holder": "x"}


def test_empty_parts_leave_no_gap() -> None:
    assert str(Explanation("x", "What.", todo="Do.")) == "What. Do."
