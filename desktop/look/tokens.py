# SPDX-License-Identifier: Apache-2.0
"""Colours, spaces and type sizes of the window: one frozen set, in two instances."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours as #RRGGBB.

    `t1` to `t3`, `acc`, `good`, `warn`, `bad` are for text; the `*fill` colours are for shapes,
    never for text; the `*tint` colours lie behind a glyph or a row.
    """

    name: str
    window: str
    side: str
    surface: str
    sunk: str
    sel: str
    line: str
    line2: str
    ctl: str
    t1: str
    t2: str
    t3: str
    acc: str
    accfill: str
    acctint: str
    good: str
    goodfill: str
    goodtint: str
    warn: str
    warnfill: str
    warntint: str
    bad: str
    badfill: str
    badtint: str
    mark: str
    on_mark: str
    on_acc: str = "#FFFFFF"

    @property
    def focus(self) -> str:
        """The ring around the control that has the keyboard."""
        return self.acc if self.name == "dark" else self.accfill

    @property
    def focus_on_acc(self) -> str:
        """That ring where the control is filled with `accfill`; 3:1 at least against it."""
        return self.t1 if self.name == "dark" else DARK.acc


LIGHT = Tokens(
    name="light",
    window="#F5F6F8",
    side="#ECEEF2",
    surface="#FFFFFF",
    sunk="#F1F3F6",
    sel="#DDE3EE",
    line="#DCE0E6",
    line2="#C2C8D1",
    ctl="#7B8491",
    t1="#12161C",
    t2="#434C59",
    t3="#5B6573",
    acc="#2250C4",
    accfill="#2250C4",
    acctint="#E9EFFC",
    good="#0A6553",
    goodfill="#14806A",
    goodtint="#E2F2EE",
    warn="#7A4B00",
    warnfill="#B36B00",
    warntint="#FBF0DB",
    bad="#A3241A",
    badfill="#C8392A",
    badtint="#FBE8E5",
    mark="#FFE08A",
    on_mark="#12161C",
)

DARK = Tokens(
    name="dark",
    window="#101317",
    side="#0B0D10",
    surface="#171B20",
    sunk="#12151A",
    sel="#222A36",
    line="#2A3038",
    line2="#3D4651",
    ctl="#707B89",
    t1="#E9ECF0",
    t2="#B1B9C4",
    t3="#939DAA",
    acc="#8FB3FF",
    accfill="#3263D6",
    acctint="#182440",
    good="#5ECFB6",
    goodfill="#35A88F",
    goodtint="#102C26",
    warn="#EDBC5F",
    warnfill="#D99A2B",
    warntint="#30250F",
    bad="#FF9688",
    badfill="#E86452",
    badtint="#391B17",
    mark="#6B5410",
    on_mark="#FFFFFF",
)


class Space:
    """Spaces in pixels, on a grid of four."""

    PAGE = 24
    CARD = 16
    BETWEEN = 14
    TILES = 10
    GLYPH = 10


class Size:
    """Type sizes in pixels at the usual system font; nothing is below 12."""

    SMALL = 12
    BODY = 13
    CARD = 15
    TITLE = 17
    FIGURE = 20
    SENTENCE = 21


BODY_AT = 13
"""The system font's size in pixels at which the scale is 1."""


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two #RRGGBB colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
