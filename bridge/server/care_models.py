# SPDX-License-Identifier: Apache-2.0
"""Bodies of the rare and grave acts behind the private door."""

from __future__ import annotations

from bridge.server.models import Body, DoneBody


class RepairBody(Body):
    """POST /v1/nodes/{id}/repair-record; the person confirms for every other computer."""

    other_machines_are_off: bool = False


class RepairedBody(Body):
    """Nothing is signed up to `above`."""

    id: str
    above: int


class ResetBody(Body):
    """POST /v1/nodes/{id}/reset-chain-data."""

    state_sync: bool = False


class ResetDoneBody(DoneBody):
    """What was removed, in bytes."""

    freed: int
