# SPDX-License-Identifier: Apache-2.0
"""Starting with the session: what each system wants to read, where, and putting it there.

XDG: "Desktop Application Autostart Specification" and "Desktop Entry Specification" 1.5.
macOS: launchd.plist(5). Windows: "Run and RunOnce Registry Keys".
Headless Linux: systemd.service(5), systemd.syntax(7).
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from node_manager.durable import write_durably
from node_manager.runtime.errors import AutostartNotChanged

APP_NAME = "One-Click Validator"
APP_ID = "oneclick-validator"
RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"

_READABLE = 0o644
_EXEC_RESERVED = set(" \t\n\"'\\><~|&;$*?#()`")


@dataclass(frozen=True, slots=True)
class AutostartFile:
    """A file whose presence starts the app: `content` at `path`.

    `after` are the commands that make the system read it.
    """

    path: Path
    content: str
    after: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class RegistryValue:
    """A string value of HKEY_CURRENT_USER."""

    key: str
    name: str
    value: str


def desktop_entry(argv: Sequence[str], environment: Mapping[str, str], home: Path) -> AutostartFile:
    """The XDG autostart entry for `argv`."""
    folder = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "autostart"
    content = (
        "[Desktop Entry]\n"
        "Type=Application\n"
        f"Name={APP_NAME}\n"
        "Comment=Keeps your validator running\n"
        f"Exec={' '.join(map(exec_quoted, argv))}\n"
        f"Icon={APP_ID}\n"
        "Terminal=false\n"
        "X-GNOME-Autostart-enabled=true\n"
    )
    return AutostartFile(folder / f"{APP_ID}.desktop", content)


def exec_quoted(argument: str) -> str:
    """One argument of an Exec key: quoting first, then the escapes of a string value."""
    argument = argument.replace("%", "%%")
    if argument and not _EXEC_RESERVED & set(argument):
        return argument
    for character in '\\"`$':
        argument = argument.replace(character, f"\\{character}")
    quoted = f'"{argument}"'.replace("\\", "\\\\")
    return quoted.replace("\n", "\\n").replace("\t", "\\t")


def launch_agent(argv: Sequence[str], home: Path) -> AutostartFile:
    """The LaunchAgent for `argv`; validators started by the app outlive it."""
    label = f"org.{APP_ID}"
    content: dict[str, Any] = {
        "Label": label,
        "ProgramArguments": list(argv),
        "RunAtLoad": True,
        "ProcessType": "Interactive",
        # launchd ends what is left of a job's process group unless told otherwise
        "AbandonProcessGroup": True,
    }
    # Here, because only macOS has use for it.
    import plistlib

    path = home / "Library" / "LaunchAgents" / f"{label}.plist"
    return AutostartFile(path, plistlib.dumps(content).decode())


def registry_run(argv: Sequence[str]) -> RegistryValue:
    """The value of the Run key for `argv`."""
    return RegistryValue(RUN_KEY, APP_NAME, subprocess.list2cmdline(argv))


def systemd_unit(argv: Sequence[str], environment: Mapping[str, str], home: Path) -> AutostartFile:
    """The `systemd --user` service for `argv`, for a computer without a session on its screen.

    It starts with the first login, or at boot once `loginctl enable-linger` has been called.
    Only the app itself ends with the unit: validators go on and the next start adopts them.
    """
    folder = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "systemd" / "user"
    name = f"{APP_ID}.service"
    content = (
        "[Unit]\n"
        f"Description={APP_NAME}\n"
        "After=network-online.target\n"
        "\n"
        "[Service]\n"
        f"ExecStart={' '.join(map(_unit_quoted, argv))}\n"
        "Restart=on-failure\n"
        "RestartSec=5\n"
        "KillMode=process\n"
        "LimitNOFILE=65535\n"
        "\n"
        "[Install]\n"
        "WantedBy=default.target\n"
    )
    after = (
        ("systemctl", "--user", "daemon-reload"),
        ("systemctl", "--user", "enable", name),
    )
    return AutostartFile(folder / name, content, after)


def _unit_quoted(argument: str) -> str:
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + escaped.replace("%", "%%").replace("$", "$$") + '"'


def enable(entry: AutostartFile) -> None:
    """Put `entry` in its place and have the system read it.

    Raises:
        AutostartNotChanged: the file cannot be written, or a command failed.
    """
    try:
        entry.path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(entry.path, entry.content, mode=_READABLE)
        for command in entry.after:
            subprocess.run(command, check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as error:
        raise AutostartNotChanged(path=entry.path, error=error) from error


def disable(entry: AutostartFile) -> None:
    """Take `entry` away; no error if it is not there.

    Raises:
        AutostartNotChanged: it is there and cannot be removed.
    """
    try:
        if entry.after and entry.path.exists():
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                subprocess.run(
                    ("systemctl", "--user", "disable", entry.path.name),
                    capture_output=True,
                    check=False,
                    timeout=30,
                )
        entry.path.unlink(missing_ok=True)
    except OSError as error:
        raise AutostartNotChanged(path=entry.path, error=error.strerror or error) from error


def enabled(entry: AutostartFile) -> bool:
    """Whether it is in place and starts this very program."""
    try:
        return entry.path.read_text("utf-8") == entry.content
    except (OSError, UnicodeDecodeError):
        return False


class Registry(Protocol):
    """What is used of Windows' registry, under HKEY_CURRENT_USER."""

    def read(self, key: str, name: str) -> str | None:
        """The string value, None when there is none."""

    def write(self, key: str, name: str, value: str) -> None:
        """Set the string value."""

    def remove(self, key: str, name: str) -> None:
        """Remove the value; no error if it is not there."""


class Autostart:
    """Starting `argv` with this user's session, on this computer's system."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        home: Path | None = None,
        environment: Mapping[str, str] | None = None,
        system: str = sys.platform,
        registry: Registry | None = None,
    ) -> None:
        home = home or Path.home()
        environment = os.environ if environment is None else environment
        self._registry = registry
        self.entry: AutostartFile | RegistryValue
        if system == "win32":
            self.entry = registry_run(argv)
        elif system == "darwin":
            self.entry = launch_agent(argv, home)
        else:
            self.entry = desktop_entry(argv, environment, home)

    def enabled(self) -> bool:
        """Whether the session starts this very program."""
        if isinstance(self.entry, AutostartFile):
            return enabled(self.entry)
        return self._windows().read(self.entry.key, self.entry.name) == self.entry.value

    def enable(self) -> None:
        """Start with the session from now on.

        Raises:
            AutostartNotChanged: the system refused.
        """
        if isinstance(self.entry, AutostartFile):
            enable(self.entry)
            return
        try:
            self._windows().write(self.entry.key, self.entry.name, self.entry.value)
        except OSError as error:
            raise AutostartNotChanged(path=self.entry.key, error=error) from error

    def disable(self) -> None:
        """No longer start with the session.

        Raises:
            AutostartNotChanged: the system refused.
        """
        if isinstance(self.entry, AutostartFile):
            disable(self.entry)
            return
        try:
            self._windows().remove(self.entry.key, self.entry.name)
        except OSError as error:
            raise AutostartNotChanged(path=self.entry.key, error=error) from error

    def _windows(self) -> Registry:
        if self._registry is None:
            from node_manager.runtime.platform.registry import CurrentUserRegistry

            self._registry = CurrentUserRegistry()
        return self._registry
