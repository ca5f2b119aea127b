# SPDX-License-Identifier: Apache-2.0
"""What the pages of a distributed validator share: which status they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.pages.page import Page

if TYPE_CHECKING:
    from node_manager.obol.status import DvStatus


class DvPage(Page):
    """A page whose `status` is a `DvStatus`."""

    shared = True

    @property
    def shown(self) -> DvStatus | None:
        """The distributed validator that is shown."""
        return self.status  # type: ignore[return-value]

    def render_status(self, status: object, now: float) -> None:
        """Show the newest status."""
        self.render_cluster(status, now)  # type: ignore[arg-type]

    def render_cluster(self, status: DvStatus, now: float) -> None:
        """Show `status` as it reads at the Unix time `now`."""
