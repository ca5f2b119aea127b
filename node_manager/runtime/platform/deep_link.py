# SPDX-License-Identifier: Apache-2.0
"""Opening `oneclick-validator://` links with this program.

XDG: "Desktop Entry Specification" 1.5 (`MimeType=x-scheme-handler/…`, `%u`) and "Association
between MIME types and applications". Windows: "Registering an Application to a URI Scheme".
macOS reads it from the bundle's Info.plist (CFBundleURLTypes), so nothing is done there.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from node_manager.durable import write_durably
from node_manager.runtime.platform.autostart import APP_ID, APP_NAME, Registry, exec_quoted

SCHEME = "oneclick-validator"
_READABLE = 0o644


class DeepLinks:
    """Registers `argv` for this user's links, on this computer's system."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        home: Path | None = None,
        environment: Mapping[str, str] | None = None,
        system: str = sys.platform,
        registry: Registry | None = None,
    ) -> None:
        self._argv, self._system, self._registry = list(argv), system, registry
        environment = os.environ if environment is None else environment
        data = environment.get("XDG_DATA_HOME") or (home or Path.home()) / ".local" / "share"
        self.entry = Path(data) / "applications" / f"{APP_ID}.desktop"

    @property
    def content(self) -> str:
        """The desktop entry."""
        return (
            "[Desktop Entry]\n"
            "Type=Application\n"
            f"Name={APP_NAME}\n"
            "Comment=Turns this computer into a blockchain validator\n"
            f"Exec={' '.join(map(exec_quoted, self._argv))} %u\n"
            f"Icon={APP_ID}\n"
            "Terminal=false\n"
            "Categories=Network;Utility;\n"
            f"MimeType=x-scheme-handler/{SCHEME};\n"
            f"StartupWMClass={APP_ID}\n"
        )

    def register(self) -> bool:
        """Make links open this program; False where they did before. Blocks for the disk.

        Raises:
            OSError: the system refused.
        """
        if self._system == "darwin":
            return False
        if self._system == "win32":
            return self._register_windows()
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if self.entry.read_text("utf-8") == self.content:
                return False
        self.entry.parent.mkdir(parents=True, exist_ok=True)
        write_durably(self.entry, self.content, mode=_READABLE)
        for command in (
            ("update-desktop-database", str(self.entry.parent)),
            ("xdg-mime", "default", self.entry.name, f"x-scheme-handler/{SCHEME}"),
        ):
            # A desktop without these tools reads the entry itself, or has no links at all.
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                subprocess.run(command, capture_output=True, check=False, timeout=30)
        return True

    def _register_windows(self) -> bool:
        if self._registry is None:
            from node_manager.runtime.platform.registry import CurrentUserRegistry

            self._registry = CurrentUserRegistry()
        key = rf"Software\Classes\{SCHEME}"
        opener = f'{subprocess.list2cmdline(self._argv)} "%1"'
        if self._registry.read(rf"{key}\shell\open\command", "") == opener:
            return False
        self._registry.write(key, "", f"URL:{APP_NAME}")
        self._registry.write(key, "URL Protocol", "")
        self._registry.write(rf"{key}\shell\open\command", "", opener)
        return True
