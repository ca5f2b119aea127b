# SPDX-License-Identifier: Apache-2.0
"""Where the files of one distributed validator lie. Paths only: nothing is created here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from node_manager.layout import FOLDER_NAME, Layout
from node_manager.obol.errors import ClusterUnknown
from node_manager.obol.keys.keyfile import KEY_FILE


@dataclass(frozen=True, slots=True)
class ClusterFolder:
    """The folder of one distributed validator."""

    root: Path

    @property
    def record(self) -> Path:
        """What it is and what is wanted of it (`cluster.json`)."""
        return self.root / "cluster.json"

    @property
    def charon(self) -> Path:
        """charon's data folder (`--data-dir`)."""
        return self.root / "charon"

    @property
    def key(self) -> Path:
        """The ENR key."""
        return self.charon / KEY_FILE

    @property
    def key_lock(self) -> Path:
        """charon's own lock of the key: refreshed each second, never removed."""
        return self.charon / f"{KEY_FILE}.lock"

    @property
    def definition(self) -> Path:
        """The cluster definition as it was fetched."""
        return self.charon / "cluster-definition.json"

    @property
    def lock(self) -> Path:
        """The cluster lock that the DKG wrote."""
        return self.charon / "cluster-lock.json"

    @property
    def keystores(self) -> Path:
        """The key shares."""
        return self.charon / "validator_keys"

    @property
    def archive(self) -> Path:
        """What an unfinished ceremony left, by date."""
        return self.root / "archive"

    @property
    def client(self) -> Path:
        """The validator client's data."""
        return self.root / "vc"

    @property
    def logs(self) -> Path:
        """`dkg.log`, `charon.log`, `vc.log`."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Process records and locks."""
        return self.root / "run"

    @property
    def poll(self) -> Path:
        """Where the wait for the cluster has come to."""
        return self.root / "wait.json"


def clusters(layout: Layout) -> Path:
    """The folder of all distributed validators."""
    return layout.data / "clusters"


def cluster_folder(layout: Layout, cluster_id: str) -> ClusterFolder:
    """The folder of one distributed validator.

    Raises:
        ClusterUnknown: `cluster_id` is not a name this app gives.
    """
    if not FOLDER_NAME.fullmatch(cluster_id):
        raise ClusterUnknown(cluster_id=cluster_id[:70])
    return ClusterFolder(clusters(layout) / cluster_id)
