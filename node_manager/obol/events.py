# SPDX-License-Identifier: Apache-2.0
"""Events of the distributed validators, in the engine's one broadcast."""

from __future__ import annotations

from dataclasses import dataclass

from node_manager.events import Event
from node_manager.obol.status import DvStatus


@dataclass(frozen=True, slots=True)
class DvChanged(Event):
    """The status of a distributed validator is now `status`."""

    status: DvStatus


@dataclass(frozen=True, slots=True)
class DvRemoved(Event):
    """The distributed validator is no longer managed here."""

    cluster_id: str
