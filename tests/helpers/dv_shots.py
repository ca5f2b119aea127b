# SPDX-License-Identifier: Apache-2.0
"""The pictures of a distributed validator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize

from desktop.validators import identity
from tests.helpers import dv_samples, history_samples, samples
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.wizard import settle, settle_for


def opener(engine_of: Callable[[Any], FakeEngine], make: Callable[[], Any], page: str) -> Any:
    """Bring the window to a page of this distributed validator."""

    def act(window: Any) -> None:
        from node_manager.obol.events import DvChanged

        status = make()
        engine_of(window).dv_past = history_samples.cluster_past
        engine_of(window).publish(DvChanged(status))
        for _turn in range(10):
            settle()
            if window.context.adapter.clusters:
                break
            settle_for(0.05)
        window.show_node(identity(status))
        window.open_page(page)
        settle_for(0.4)

    return act


def shots(shot: Callable[..., Any], small: QSize) -> list[Any]:
    """Each state, and the pages beside the overview."""

    def engine_of(window: Any) -> FakeEngine:
        return window.context.adapter.engine

    def one(name: str, make: Callable[[], Any], page: str = "overview", **more: Any) -> Any:
        act = opener(engine_of, make, page)
        return shot(name, samples.signing, "overview", act=act, **more)

    return [
        one("obol", dv_samples.ceremony),
        one("obol-waiting", dv_samples.base),
        one("obol-invited", dv_samples.invited),
        one("obol-refused", dv_samples.refused),
        one("obol-confirm", dv_samples.to_confirm),
        one("obol-running", dv_samples.running),
        one("obol-troubled", dv_samples.troubled),
        one("obol-failed", dv_samples.failed),
        one("obol-keys", dv_samples.running, "keys"),
        one("obol-charts", dv_samples.running, "charts"),
        one("obol-small", dv_samples.troubled, size=small),
    ]
