# SPDX-License-Identifier: Apache-2.0
"""A chart as text: points without gaps joined, a sentence, a table of comma-separated values."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from desktop.components.line_chart import told
from desktop.words.translation import tr

if TYPE_CHECKING:
    from desktop.charts.kinds import ChartKind
    from node_manager.history.recorder import Past

GAP_PERIODS = 1.5
"""Two points further apart than this many periods are not joined."""


def with_gaps(past: Past, metric: str, scale: float) -> tuple[list[float], list[float]]:
    """Times and values for a line that breaks where nothing is known (NaN)."""
    times: list[float] = []
    values: list[float] = []
    before: float | None = None
    for at, value in past.points(metric):
        if before is not None and at - before > GAP_PERIODS * past.seconds:
            times.append(before + past.seconds)
            values.append(float("nan"))
        times.append(at)
        values.append(float("nan") if value is None else value * scale)
        before = at
    return times, values


def sentence(past: Past, kind: ChartKind) -> str:
    """The chart in its own words, or last, least, greatest and trend of its own line."""
    if kind.about is not None:
        return kind.about(past)
    known = [value for _at, value in past.points(kind.lines[0].metric) if value is not None]
    if kind.from_zero or not known:
        return told(known, kind.value)
    # What only grows is never steady beside its own size.
    trend = tr("rising") if known[-1] > known[0] else tr("steady")
    return tr("Last {last}, least {least}, greatest {greatest}, {trend}.").format(
        last=kind.value(known[-1]),
        least=kind.value(min(known)),
        greatest=kind.value(max(known)),
        trend=trend,
    )


def as_csv(past: Past, kind: ChartKind) -> str:
    """A row a period: time in UTC, then each line; empty where the value is not known."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["time", *(line.metric for line in kind.lines)])
    columns = [dict(past.points(line.metric)) for line in kind.lines]
    for at in past.times:
        stamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
        writer.writerow([stamp, *("" if (v := one.get(at)) is None else v for one in columns)])
    return out.getvalue()


def span_name(key: str) -> str:
    """The words of a span."""
    return {"hour": tr("Hour"), "day": tr("Day"), "week": tr("Week")}[key]
