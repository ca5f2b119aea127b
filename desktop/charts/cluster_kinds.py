# SPDX-License-Identifier: Apache-2.0
"""The charts of a distributed validator: its duties, each operator's node, what it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from desktop.charts.kinds import ChartKind, Line
from desktop.components.line_chart import told
from desktop.obol.naming import operator_name
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.history.recorder import Past, Span

if TYPE_CHECKING:
    from node_manager.obol.status import OperatorRow

WINDOW_SECONDS = {Span.HOUR: 600, Span.DAY: 3600, Span.WEEK: 21_600}
"""Duties are rare: a point of the participation is of so much time before it."""


@dataclass(frozen=True, slots=True)
class NamedOperator:
    """One operator as the charts name it."""

    number: int
    name: str


def named(operators: Sequence[OperatorRow]) -> tuple[NamedOperator, ...]:
    """This node first, then the others in their order."""
    ordered = sorted(operators, key=lambda row: (not row.ours, row.number))
    return tuple(NamedOperator(row.number, operator_name(row)) for row in ordered)


def cluster_kinds(operators: Sequence[NamedOperator]) -> list[ChartKind]:
    """All charts, in the order of the page."""

    def each(metric: str, of: Sequence[NamedOperator]) -> tuple[Line, ...]:
        return tuple(Line(f"{metric}_{one.number}", one.name) for one in of)

    others = operators[1:]
    return [
        ChartKind(
            "duties",
            tr("Duties"),
            (Line("duties_succeeded", tr("done")), Line("duties_failed", tr("failed"))),
            1.0,
            "",
            lambda value: wording.number(round(value)) if round(value) else "0",
            about=_duties_told,
        ),
        ChartKind(
            "participation",
            tr("Participation"),
            each("participation", operators),
            100.0,
            "%",
            _percent,
            about=_each_told(each("participation", operators), _percent, _window_told),
        ),
        ChartKind(
            "ping",
            tr("Ping"),
            each("ping", others),
            1000.0,
            "ms",
            wording.latency,
            about=_each_told(each("ping", others), wording.latency),
        ),
        ChartKind(
            "clock",
            tr("Clock offset"),
            each("clock", others),
            1000.0,
            "ms",
            _offset,
            from_zero=False,
            about=_each_told(each("clock", others), _offset),
        ),
        ChartKind(
            "beacon-latency",
            tr("Answers of the beacon node"),
            (Line("beacon_latency"),),
            1000.0,
            "ms",
            wording.latency,
        ),
        ChartKind(
            "beacon-peers",
            tr("Peers of the beacon node"),
            (Line("beacon_peers"),),
            1.0,
            "",
            lambda value: wording.decimal(value, 0),
        ),
        ChartKind(
            "memory",
            tr("Memory"),
            (Line("charon_memory", tr("charon")), Line("client_memory", tr("validator client"))),
            1e-6,
            "MB",
            wording.size,
        ),
        ChartKind(
            "disk",
            tr("Disk"),
            (Line("data_bytes", tr("this validator")), Line("disk_free", tr("free"))),
            1e-9,
            "GB",
            wording.size,
        ),
    ]


def derived(past: Past, operators: Sequence[NamedOperator]) -> Past:
    """The figures that are drawn: duties as a sum since the beginning, participation as a share."""
    series = dict(past.series)
    for name in ("duties_succeeded", "duties_failed"):
        series[name] = _summed(series.get(name, ()))
    for one in operators:
        series[f"participation_{one.number}"] = _share(
            past, f"participated_{one.number}", f"expected_{one.number}"
        )
    return replace(past, series=series)


def _summed(values: Sequence[float | None]) -> tuple[float | None, ...]:
    total, found = 0.0, []
    for value in values:
        total += value or 0.0
        found.append(None if value is None else total)
    return tuple(found)


def _share(past: Past, part: str, whole: str) -> tuple[float | None, ...]:
    """For each period the share over the time before it; None without a duty in it."""
    window = WINDOW_SECONDS[past.span]
    parts, wholes = past.points(part), past.points(whole)
    shares: list[float | None] = []
    first, taken, expected = 0, 0.0, 0.0
    for place, (at, of) in enumerate(wholes):
        taken += parts[place][1] or 0.0
        expected += of or 0.0
        while wholes[first][0] <= at - window:
            taken -= parts[first][1] or 0.0
            expected -= wholes[first][1] or 0.0
            first += 1
        shares.append(taken / expected if of is not None and expected else None)
    return tuple(shares)


def _percent(share: float) -> str:
    return wording.percent(share)


def _offset(seconds: float) -> str:
    sign = "+" if seconds > 0 else "−" if seconds < 0 else ""
    return f"{sign}{wording.latency(abs(seconds))}"


def _duties_told(past: Past) -> str:
    sums = []
    for name in ("duties_succeeded", "duties_failed"):
        known = [value for _at, value in past.points(name) if value is not None]
        if not known:
            return tr("Nothing measured yet.")
        sums.append(round(known[-1]))
    done, failed = sums
    return tr("{done} done and {failed} failed while the app looked.").format(
        done=wording.number(done) if done else "0",
        failed=wording.number(failed) if failed else tr("none"),
    )


def _window_told(past: Past) -> str:
    return tr("Each point is of the {time} before it.").format(
        time=wording.duration(WINDOW_SECONDS[past.span])
    )


def _each_told(
    lines: Sequence[Line],
    value: Callable[[float], str],
    first: Callable[[Past], str] = lambda _past: "",
) -> Callable[[Past], str]:
    """A sentence for each line, for those who do not see them."""

    def tell(past: Past) -> str:
        sentences = []
        for line in lines:
            known = [one for _at, one in past.points(line.metric) if one is not None]
            sentences.append(f"{line.name}: {told(known, value)}")
        if not sentences:
            return tr("Nothing measured yet.")
        sentences.insert(0, first(past))
        return "\n".join(filter(None, sentences))

    return tell
