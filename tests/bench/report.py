# SPDX-License-Identifier: Apache-2.0
"""One measured figure, alone or beside a peer's in the same run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """What one bench measured.

    Attributes:
        figure: its name.
        value: ours.
        unit: such as "MB/s", "ms", "MB".
        peer: what it is held against, None where there is nothing.
        peer_value: the peer's, in the same run on the same machine.
        ratio: ours over the peer's; worked out when it is left out.
        conditions: what was measured, how often and on what, in words.
    """

    figure: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None
    conditions: str = ""

    def line(self) -> str:
        """The figure as one JSON line."""
        fields = asdict(self)
        if self.ratio is None and self.peer_value:
            fields["ratio"] = self.value / self.peer_value
        return json.dumps(
            {
                name: float(f"{field:.5g}") if isinstance(field, float) else field
                for name, field in fields.items()
            },
            ensure_ascii=False,
        )
