# SPDX-License-Identifier: Apache-2.0
"""What helps others to help: logs, versions, settings and findings, without secrets.

A person sees every file before it is saved. Keys, backups, the signing record, the device key
and the pairings are never read.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from node_manager.checks.redaction import redact
from node_manager.checks.result import CheckResult
from node_manager.durable import PRIVATE_FILE
from node_manager.explanation import OneClickError
from node_manager.layout import Layout
from node_manager.state import NodeStatus
from node_manager.version import VERSION

LOG_BYTES = 2 * 1024 * 1024
"""The end of each log; trouble of today is there."""

APP_LOGS = ("app", "orchestrator")
NODE_LOGS = ("node", "signer")


class BundleNotSaved(OneClickError):
    """The file could not be written."""

    code = "bundle-not-saved"
    what = "The support bundle was not saved to {path}."
    why = "{reason}"
    todo = "Choose another place."


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file of a bundle, as it will be saved."""

    name: str
    text: str

    @property
    def size(self) -> int:
        """Bytes, before packing."""
        return len(self.text.encode())


@dataclass(frozen=True, slots=True)
class SupportBundle:
    """What would be saved."""

    files: tuple[BundleFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files, before packing."""
        return sum(file.size for file in self.files)

    def save(self, path: Path) -> None:
        """Write a zip archive that only its owner can read. Blocks for the disk.

        Raises:
            BundleNotSaved: no file is left.
        """
        unfinished = path.with_name(f"{path.name}.part")
        try:
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
            with (
                os.fdopen(handle, "wb") as target,
                zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
            ):
                for file in self.files:
                    archive.writestr(file.name, file.text)
            unfinished.replace(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise BundleNotSaved(path=path, reason=error.strerror or str(error)) from error


def make_bundle(
    layout: Layout,
    statuses: Sequence[NodeStatus],
    checks: Mapping[str, Sequence[CheckResult]],
) -> SupportBundle:
    """Gather the bundle; `checks` are the findings by the validator's id. Blocks for the disk."""
    files = [BundleFile("about.txt", _about())]
    files += _file("settings.toml", layout.settings)
    files.append(BundleFile("checks.txt", _findings(checks)))
    for status in statuses:
        folder = layout.node(status.node_id)
        files.append(BundleFile(f"{status.node_id}/status.json", _status(status)))
        files += _file(f"{status.node_id}/node.json", folder.record)
        for name in NODE_LOGS:
            files += _file(f"{status.node_id}/{name}.log", folder.logs / f"{name}.log")
    for name in APP_LOGS:
        files += _file(f"{name}.log", layout.logs / f"{name}.log")
    return SupportBundle(tuple(BundleFile(one.name, redact(one.text)) for one in files))


def _about() -> str:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return (
        f"One-Click Validator {VERSION}\n"
        f"made: {now}\n"
        f"system: {platform.platform()}\n"
        f"machine: {platform.machine()}, {os.cpu_count()} cores\n"
        f"python: {sys.version.split()[0]}{' (bundled)' if getattr(sys, 'frozen', False) else ''}\n"
    )


def _findings(checks: Mapping[str, Sequence[CheckResult]]) -> str:
    lines = []
    for node_id, results in checks.items():
        lines.append(f"{node_id}:")
        lines += [
            f"  {result.state.value:<8}{result.title}: {result.explanation}" for result in results
        ]
    return "\n".join(lines) + "\n" if lines else "not checked\n"


def _status(status: NodeStatus) -> str:
    return json.dumps(asdict(status), indent=1, default=_plain)


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _file(name: str, path: Path) -> list[BundleFile]:
    """The end of a file, from the first whole line on; none where there is no file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = max(0, size - LOG_BYTES)
            file.seek(start)
            content = file.read(LOG_BYTES)
    except FileNotFoundError:
        return []
    except OSError as error:
        return [BundleFile(name, f"not readable: {error.strerror or error}\n")]
    if start:
        content = content[content.find(b"\n") + 1 :]
    return [BundleFile(name, content.decode("utf-8", "replace"))]
