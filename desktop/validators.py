# SPDX-License-Identifier: Apache-2.0
"""What the lists say of a validator, be it one of a chain or one that operators share."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from desktop.words.sentences import Sentence
    from node_manager.obol.status import DvStatus
    from node_manager.state import NodeStatus

    AnyStatus: TypeAlias = NodeStatus | DvStatus


def is_distributed(status: AnyStatus | None) -> TypeIs[DvStatus]:
    """Whether it is a distributed validator; asked without loading what those need."""
    return hasattr(status, "cluster_id")


def identity(status: AnyStatus) -> str:
    """A name that no other validator of this computer has."""
    return cluster_key(status.cluster_id) if is_distributed(status) else status.node_id


def cluster_key(cluster_id: str) -> str:
    """The identity of a distributed validator; a chain's node may have the same id."""
    return f"dv/{cluster_id}"


def name_of(status: AnyStatus) -> str:
    """What the person calls it."""
    return status.name if is_distributed(status) else status.moniker


def place_of(status: AnyStatus) -> str:
    """Its network."""
    return status.network if is_distributed(status) else status.chain_id


def at_rest(status: AnyStatus) -> bool:
    """Whether nothing of it runs and nothing is tried."""
    state = status.stage if is_distributed(status) else status.state
    return state.value in ("stopped", "failed")


def said_of(status: AnyStatus, now: float) -> Sentence:
    """Its state as a sentence."""
    if is_distributed(status):
        from desktop.obol.sentences import dv_sentence

        return dv_sentence(status, now)
    from desktop.words.sentences import sentence

    return sentence(status, now)
