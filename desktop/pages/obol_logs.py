# SPDX-License-Identifier: Apache-2.0
"""The logs of a distributed validator: charon, its client, the key ceremony, the app."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from desktop.pages.logs import LogsPage
from desktop.words.translation import tr

if TYPE_CHECKING:
    from node_manager.obol.status import DvStatus


class ObolLogsPage(LogsPage):
    """The log page with the sources of a cluster."""

    shared = True

    def sources(self) -> list[tuple[str, str]]:
        return [
            ("charon", tr("Charon")),
            ("vc", tr("Validator client")),
            ("dkg", tr("DKG")),
            ("app", tr("App")),
        ]

    def describe(self) -> str:
        status: DvStatus | None = self.status  # type: ignore[assignment]
        return "" if status is None else f"{status.name} · {status.network}"

    def node_log(self, source: str) -> Path | None:
        from node_manager.obol.folder import cluster_folder

        status: DvStatus | None = self.status  # type: ignore[assignment]
        if status is None:
            return None
        folder = cluster_folder(self.context.layout, status.cluster_id)
        return folder.logs / f"{source}.log"
