# SPDX-License-Identifier: Apache-2.0
"""Every text can be read on every ground it lies on, in both themes."""

from __future__ import annotations

import pytest

from desktop.look.tokens import DARK, LIGHT, Tokens, contrast

GROUNDS = ("surface", "window", "side", "sunk", "sel")
TEXTS = ("t1", "t2", "t3", "acc", "good", "warn", "bad")
SHAPES = ("goodfill", "warnfill", "badfill", "ctl")

themes = pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda look: look.name)


@themes
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_has_contrast_of_four_and_a_half(look: Tokens, text: str, ground: str) -> None:
    assert contrast(getattr(look, text), getattr(look, ground)) >= 4.5


@themes
@pytest.mark.parametrize("tone", ["good", "warn", "bad", "acc"])
def test_a_tag_reads_on_its_own_tint(look: Tokens, tone: str) -> None:
    assert contrast(getattr(look, tone), getattr(look, f"{tone}tint")) >= 4.5


@themes
def test_white_reads_on_the_primary_button(look: Tokens) -> None:
    assert contrast(look.on_acc, look.accfill) >= 4.5


@themes
def test_a_search_match_reads(look: Tokens) -> None:
    assert contrast(look.on_mark, look.mark) >= 4.5


@themes
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ground", ["surface", "window"])
def test_shapes_stand_out_by_three(look: Tokens, shape: str, ground: str) -> None:
    assert contrast(getattr(look, shape), getattr(look, ground)) >= 3


@themes
@pytest.mark.parametrize("ground", GROUNDS)
def test_the_focus_ring_stands_out_by_three(look: Tokens, ground: str) -> None:
    assert contrast(look.focus, getattr(look, ground)) >= 3


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)
