# SPDX-License-Identifier: Apache-2.0
"""Where things lie on this computer. Paths only: nothing is created here."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs

from node_manager.errors import PointerUnreadable

APP = "oneclick-validator"
POINTER = "data-folder.json"
FOLDER_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
"""An id that is a folder's name, too: of a validator, a cluster, a network."""


@dataclass(frozen=True, slots=True)
class NodeFolder:
    """The folder of one validator."""

    root: Path

    @property
    def record(self) -> Path:
        """What this node is: network, moniker, ports, program version (`node.json`)."""
        return self.root / "node.json"

    @property
    def home(self) -> Path:
        """The node program's own home (`--home`)."""
        return self.root / "home"

    @property
    def key(self) -> Path:
        """The encrypted consensus key (one envelope)."""
        return self.root / "key.json"

    @property
    def signer(self) -> Path:
        """The signer's folder: its record of what was signed."""
        return self.root / "signer"

    @property
    def logs(self) -> Path:
        """Log files of the children: `node.log`, `signer.log`."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Process records, sockets, locks: what a running node needs."""
        return self.root / "run"


@dataclass(frozen=True, slots=True)
class Layout:
    """The app's folders.

    Attributes:
        data: settings, nodes, installed programs; can be chosen and moved.
        cache: what can be made again: partial downloads, builds.
        pointer: the file that says where the data folder was moved to.
    """

    data: Path
    cache: Path
    pointer: Path = Path()

    def __post_init__(self) -> None:
        if self.pointer == Path():
            object.__setattr__(self, "pointer", self.cache / POINTER)

    @classmethod
    def of_this_user(cls, data: Path | None = None) -> Layout:
        """The folders of this user; `data`, ONECLICK_DATA and ONECLICK_CACHE win over defaults.

        Without them the data folder is where it was moved to, else the system's usual place.
        """
        dirs = PlatformDirs(APP, appauthor=False)
        pointer = _from_environment("ONECLICK_POINTER") or dirs.user_config_path / POINTER
        chosen = data or _from_environment("ONECLICK_DATA") or read_pointer(pointer)[0]
        cache = _from_environment("ONECLICK_CACHE") or dirs.user_cache_path
        return cls(
            (chosen or dirs.user_data_path).expanduser().absolute(),
            cache.expanduser().absolute(),
            pointer.expanduser().absolute(),
        )

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.data / "settings.toml"

    @property
    def releases(self) -> Path:
        """Installed programs: `<program>/<version>/<platform>/`."""
        return self.data / "releases"

    @property
    def profiles(self) -> Path:
        """Imported network profiles: `<id>/chain.json`, `<id>/oneclick.json`."""
        return self.data / "networks"

    @property
    def nodes(self) -> Path:
        """One folder a validator."""
        return self.data / "nodes"

    @property
    def logs(self) -> Path:
        """The app's own log files."""
        return self.data / "logs"

    @property
    def run(self) -> Path:
        """The app's lock, control socket and its token."""
        return self.data / "run"

    @property
    def orchestrator(self) -> Path:
        """The embedded orchestrator's database."""
        return self.data / "orchestrator.sqlite"

    @property
    def downloads(self) -> Path:
        """Partial downloads, kept so that the next try goes on where the last one stopped."""
        return self.cache / "downloads"

    @property
    def localnet(self) -> Path:
        """The local network: its builds and its running state."""
        return _from_environment("ONECLICK_LOCALNET") or self.cache / "localnet"

    def node(self, node_id: str) -> NodeFolder:
        """The folder of the node `node_id`.

        Raises:
            ValueError: `node_id` is not a name this app gives (it would leave the folder).
        """
        if not FOLDER_NAME.fullmatch(node_id):
            raise ValueError(f"not a node id: {node_id!r}")
        return NodeFolder(self.nodes / node_id)


def folder_name(text: str, *, otherwise: str, longest: int = 64) -> str:
    """Such an id after `text`; `otherwise` where no letter of it can stand in one."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:longest] or otherwise


def read_pointer(pointer: Path) -> tuple[Path | None, Path | None]:
    """Where the data folder is, and the old one that is still to be removed.

    Both None where it was never moved. A pointer that cannot be read is not guessed past: the
    usual place would be another folder, perhaps with an older signing record.

    Raises:
        PointerUnreadable: the pointer file is damaged.
    """
    try:
        told = json.loads(pointer.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None, None
    except (OSError, ValueError) as error:
        raise PointerUnreadable(path=pointer, reason=str(error)) from error
    if not isinstance(told, dict) or not isinstance(told.get("data"), str):
        raise PointerUnreadable(path=pointer, reason="It names no folder.")
    left = told.get("left")
    return Path(told["data"]), Path(left) if isinstance(left, str) else None


def _from_environment(name: str) -> Path | None:
    value = os.environ.get(name, "")
    return Path(value) if value else None
