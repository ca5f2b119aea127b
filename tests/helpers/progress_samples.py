# SPDX-License-Identifier: Apache-2.0
"""Statuses of a first run beside the sync, and of one that missed blocks."""

from __future__ import annotations

import time
from dataclasses import replace

from node_manager.figures import Figure
from node_manager.state import NodeState, NodeStatus, Step, StepProgress, StepState
from tests.helpers import samples


def missing() -> NodeStatus:
    """It signs, but misses blocks now and then, and its key has no backup."""
    now = time.time()
    marks = samples.blocks(now, set(range(9, 91, 2)), {78})
    base = samples.signing(now)
    signer = base.signer.value
    assert signer is not None
    told = replace(base.signer, value=replace(signer, missed=41))
    return replace(base, blocks=marks, signer=told)


def preparing() -> NodeStatus:
    """The download has begun."""
    now = time.time()
    first = StepProgress(
        Step.DOWNLOAD, StepState.WORKING, "", done=19_000_000, total=61_800_000, rate=4_100_000.0,
        seconds_left=10.4,
    )  # fmt: skip
    return replace(
        samples.verify_failed(now),
        state=NodeState.PREPARING,
        version="",
        reason=None,
        steps=(first, *(StepProgress(step) for step in list(Step)[1:])),
    )


def lonely() -> NodeStatus:
    """In the sync, without peers and without a way to tell how long it takes."""
    now = time.time()
    status = samples.syncing(now)
    none = Figure(0, "this node", now - 1, 5.0)
    unknown = Figure(None, "this node", now - 1, 5.0, "https://rpc.example does not answer.")
    waiting = replace(status.steps[-1], rate=0.0, seconds_left=None)
    return replace(
        status,
        peers_out=none,
        peers_in=none,
        network_height=unknown,
        seconds_left=unknown,
        blocks_per_second=Figure(0.0, "this node", now - 1, 5.0),
        steps=(*status.steps[:-1], waiting),
    )


def set_up() -> NodeStatus:
    """In step: the first run is done."""
    now = time.time()
    done = tuple(replace(step, state=StepState.DONE) for step in samples.steps(now))
    height = samples.HEIGHT
    last = replace(done[-1], done=height, total=height, rate=None, seconds_left=None, took=3060.0)
    return replace(samples.signing(now), steps=(*done[:-1], last))


def port_failed() -> NodeStatus:
    """Failed at the start: its port is taken."""
    now = time.time()
    done = samples.steps(now)[:5]
    start = StepProgress(Step.START, StepState.FAILED, "", reason=samples.PORT_TAKEN)
    return replace(
        samples.verify_failed(now),
        reason=samples.PORT_TAKEN,
        steps=(*done, start, StepProgress(Step.SYNC)),
    )
