# SPDX-License-Identifier: Apache-2.0
"""Which charts there are, of which figures, and how their values read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.words import wording
from desktop.words.translation import tr

if TYPE_CHECKING:
    from node_manager.history.recorder import Past


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the metric's name in the history, its own name where there are several."""

    metric: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ChartKind:
    """One chart.

    Attributes:
        scale: what a value of the history is multiplied by for the axis.
        value: words for a value of the history.
        from_zero: whether the axis begins at zero.
        about: the chart in words, None for last, least, greatest and trend of its first line.
    """

    key: str
    title: str
    lines: tuple[Line, ...]
    scale: float
    unit: str
    value: Callable[[float], str]
    from_zero: bool = True
    about: Callable[[Past], str] | None = None


def chart_kinds() -> list[ChartKind]:
    """All charts, in the order of the page."""
    return [
        ChartKind(
            "height",
            tr("Height"),
            (Line("height", tr("this node")), Line("network_height", tr("network"))),
            1.0,
            "",
            lambda value: wording.number(round(value)),
            from_zero=False,
        ),
        ChartKind(
            "peers", tr("Peers"), (Line("peers"),), 1.0, "", lambda value: wording.decimal(value, 0)
        ),
        ChartKind(
            "block-time",
            tr("Block time"),
            (Line("block_seconds"),),
            1.0,
            "s",
            lambda value: tr("{number} s").format(number=wording.decimal(value, 2)),
        ),
        ChartKind(
            "latency",
            tr("Signing latency"),
            (Line("latency_p50", tr("median")), Line("latency_p99", tr("99 % of requests"))),
            1000.0,
            "ms",
            wording.latency,
        ),
        ChartKind(
            "disk",
            tr("Disk"),
            (Line("data_bytes", tr("chain data")), Line("disk_free", tr("free"))),
            1e-9,
            "GB",
            wording.size,
        ),
        ChartKind("memory", tr("Memory of the node"), (Line("memory"),), 1e-9, "GB", wording.size),
    ]
