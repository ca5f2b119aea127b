# SPDX-License-Identifier: Apache-2.0
"""What the signer counts for the window."""

from __future__ import annotations

import time
from array import array

KEPT = 1000
"""Requests over which the latency is told."""


class Statistics:
    """Counts of one signer's run. Written by its one signing thread, read by the control thread."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.connected = False
        self.signed = 0
        self.refused = 0
        self.refused_last = ""
        self.signed_at: float | None = None
        self._latencies = array("d", bytes(8 * KEPT))
        self._measured = 0

    def note_signed(self, seconds: float) -> None:
        """Count a signature that took `seconds` from request to answer."""
        self.signed += 1
        self.signed_at = time.time()
        self._latencies[self._measured % KEPT] = seconds
        self._measured += 1

    def note_refused(self, why: str) -> None:
        """Count a refusal."""
        self.refused += 1
        self.refused_last = why

    def latency(self, share: float) -> float | None:
        """The latency in seconds that `share` (0 to 1) of the last requests kept to."""
        known = sorted(self._latencies[: min(self._measured, KEPT)])
        if not known:
            return None
        return known[min(len(known) - 1, int(share * len(known)))]
