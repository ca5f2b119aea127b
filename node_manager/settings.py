# SPDX-License-Identifier: Apache-2.0
"""What the person chose, in `settings.toml`; comments of theirs survive a change of ours."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from node_manager.durable import make_private_folder, write_durably
from node_manager.explanation import OneClickError

VERSION = 1


class SettingsUnreadable(OneClickError):
    """The settings file is damaged; it is left as it is."""

    code = "settings-unreadable"
    what = "The settings file {path} cannot be read."
    why = "{reason}"
    todo = "Mend or remove the file; the keys and the validators are not touched by it."


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", validate_assignment=True)


class WindowSettings(_Part):
    """How the window looks and what ending it means."""

    appearance: Literal["system", "light", "dark"] = "system"
    language: str = "system"
    on_quit: Literal["ask", "stop", "leave"] = "ask"
    start_at_login: bool = False
    start_nodes: bool = True
    keep_awake: bool = True


class HeartbeatSettings(_Part):
    """Where and how often this computer says that it lives."""

    enabled: bool = True
    url: str = "http://127.0.0.1:8000"
    seconds: float = Field(default=30.0, ge=5, le=3600)


class BridgeSettings(_Part):
    """The door for web portals; origins are exact, scheme and port included."""

    enabled: bool = True
    port: int = Field(default=15000, ge=1, le=65535)
    origins: list[str] = []
    metrics: bool = False


class OrchestratorSettings(_Part):
    """The bundled orchestrator."""

    embedded: bool = True
    port: int = Field(default=8000, ge=1, le=65535)


class AlertSettings(_Part):
    """Which alerts are silenced and where else they go."""

    silenced: list[str] = []
    webhook: str = ""


class UpdateSettings(_Part):
    """Whether the app asks once a day for a newer version of itself; it installs none."""

    check: bool = True


class Settings(_Part):
    """All settings."""

    version: int = VERSION
    window: WindowSettings = WindowSettings()
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    bridge: BridgeSettings = BridgeSettings()
    orchestrator: OrchestratorSettings = OrchestratorSettings()
    alerts: AlertSettings = AlertSettings()
    updates: UpdateSettings = UpdateSettings()


MIGRATIONS: dict[int, Callable[[dict[str, Any]], None]] = {}
"""From version N to N + 1, in place."""


def load(path: Path) -> Settings:
    """Read the settings; the defaults where there is no file yet.

    Raises:
        SettingsUnreadable: the file is not TOML or a value is not allowed.
    """
    if not path.exists():
        return Settings()
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        for version in range(int(told.get("version", VERSION)), VERSION):
            MIGRATIONS[version](told)
        return Settings.model_validate(told)
    except ValidationError as error:
        reason = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        raise SettingsUnreadable(path=path, reason=reason) from error
    except (ValueError, OSError) as error:
        raise SettingsUnreadable(path=path, reason=str(error)) from error


def save(path: Path, settings: Settings) -> None:
    """Write the settings durably, keeping the file's comments and unknown keys.

    Raises:
        OSError: nothing was changed.
    """
    # Here, because settings are read at each start and written now and then.
    import tomlkit

    document = (
        tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    )
    document["version"] = VERSION
    for name, part in settings:
        if not isinstance(part, BaseModel):
            continue
        table = document.setdefault(name, tomlkit.table())
        for key, value in part.model_dump().items():
            if table.get(key) != value:
                table[key] = value
    make_private_folder(path.parent)
    write_durably(path, tomlkit.dumps(document))
