# SPDX-License-Identifier: Apache-2.0
"""How the benches start the app with its window, and the bare window beside it."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from node_manager.settings import Settings, save
from tests.helpers.app import free_port

CHECKOUT = Path(__file__).resolve().parents[2]
BARE = (sys.executable, "-m", "tests.bench.bare_window")


def platform() -> str:
    """Qt's platform of the measured windows: `offscreen` unless the caller names another."""
    return os.environ.get("QT_QPA_PLATFORM", "offscreen")


def window_environment(**more: str) -> dict[str, str]:
    """What both windows get, so that neither is at an advantage."""
    given = {key: kept for key, kept in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {
        **given,
        "QT_QPA_PLATFORM": platform(),
        "PYTHONPATH": str(CHECKOUT),
        # An installed app has its bytecode; the checkout need not be littered with it.
        "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "oneclick-bench-bytecode"),
        **more,
    }


def window_words(data: Path, *more: str) -> tuple[str, ...]:
    """The command of the app's window on the folder `data`."""
    own = (sys.executable, "-m", "desktop.launch", "--data", str(data))
    return (*own, "window", "--say-when-shown", *more)


def write_settings(data: Path, *, doors: bool = False) -> Settings:
    """Settings with ports of their own; `doors` leaves orchestrator and heartbeat on."""
    settings = Settings()
    settings.bridge.port = free_port()
    settings.orchestrator.port = settings.bridge.port + 1
    settings.heartbeat.url = f"http://127.0.0.1:{settings.orchestrator.port}"
    settings.orchestrator.embedded = settings.heartbeat.enabled = doors
    data.mkdir(parents=True, exist_ok=True)
    save(data / "settings.toml", settings)
    return settings
