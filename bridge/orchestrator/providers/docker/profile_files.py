# SPDX-License-Identifier: Apache-2.0
"""The network's profile as a container gets it: files of its data volume."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from node_manager.layout import Layout
from node_manager.networks.catalogue import ANSWERS, Catalogue

USER = 10001
"""Of the processes in the image (packaging/docker/rootfs.py)."""


def profile_archive(layout: Layout, network: str, folder: Path | None) -> bytes:
    """A tar for the data volume: `networks/<id>/…`, what this service knows beyond the image.

    Blocks for the disk.

    Raises:
        ProfileError: this service does not know the network either.
    """
    files: dict[str, bytes] = {}
    for place in [folder] if folder else _places(layout, network):
        files |= {path.name: path.read_bytes() for path in sorted(place.glob("*.json"))}
    return _tar(Path("networks") / network, files)


def _places(layout: Layout, network: str) -> list[Path]:
    profiles = Catalogue(layout)
    profiles.get(network)
    match profiles.origin(network):
        case "localnet":
            return [layout.localnet / "profile"]
        case "imported":
            return [layout.profiles / network]
    answered = layout.profiles / network
    return [answered] if (answered / ANSWERS).is_file() else []


def _tar(folder: Path, files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for parent in (*reversed(folder.parents[:-1]), folder):
            archive.addfile(_entry(parent, tarfile.DIRTYPE, 0o700))
        for name, content in files.items():
            entry = _entry(folder / name, tarfile.REGTYPE, 0o600)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _entry(path: Path, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path.as_posix())
    entry.type, entry.mode, entry.uid, entry.gid = kind, mode, USER, USER
    return entry
