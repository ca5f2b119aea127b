# SPDX-License-Identifier: Apache-2.0
"""Charts of a distributed validator: duties, each operator's node, beacon node, what it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.charts.cluster_kinds import NamedOperator, cluster_kinds, derived, named
from desktop.charts.kinds import ChartKind
from desktop.context import Context
from desktop.pages.charts import ChartsPage

if TYPE_CHECKING:
    from concurrent.futures import Future

    from node_manager.history.recorder import Past, Span
    from node_manager.obol.status import DvStatus
    from node_manager.state import NodeStatus


class ObolChartsPage(ChartsPage):
    """The charts page with those of the cluster that is shown."""

    shared = True

    def __init__(self, context: Context) -> None:
        self._operators: tuple[NamedOperator, ...] = ()
        super().__init__(context)

    @property
    def _cluster(self) -> DvStatus | None:
        return self.status  # type: ignore[return-value]

    def kinds(self) -> list[ChartKind]:
        return cluster_kinds(self._operators)

    def describe(self) -> str:
        status = self._cluster
        return "" if status is None else f"{status.name} · {status.network}"

    def owner(self) -> str:
        status = self._cluster
        return "" if status is None else status.cluster_id

    def past(self, span: Span) -> Future[Past]:
        return self.context.engine.dv_history(self.owner(), span)

    def render_status(self, status: NodeStatus, now: float) -> None:
        cluster = self._cluster
        operators = named(cluster.operators) if cluster is not None else ()
        if operators != self._operators:
            self._operators = operators
            self.put_up(self.kinds())
            self._asked_at = 0.0
        super().render_status(status, now)

    def draw(self, past: Past) -> None:
        super().draw(derived(past, self._operators))
