# SPDX-License-Identifier: Apache-2.0
"""Where a node listens: one answer of both ways in which it runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a node listens.

    Attributes:
        services: the host of what only this computer needs.
        p2p: the host at which peers are awaited.
        signer: the whole `priv_validator_laddr`.
    """

    services: str
    p2p: str
    signer: str
