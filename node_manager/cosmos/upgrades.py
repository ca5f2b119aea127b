# SPDX-License-Identifier: Apache-2.0
"""The upgrade a node stopped for: `data/upgrade-info.json`, written by the node at that height."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

log = structlog.get_logger(__name__)

UPGRADE_INFO = Path("data/upgrade-info.json")


class UpgradePlan(BaseModel):
    """A plan of x/upgrade, from `upgrade-info.json` or the chain's current plan.

    Attributes:
        info: what the proposal said: JSON with binaries, a URL, or anything.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    height: int
    info: str = ""

    @property
    def binaries(self) -> dict[str, str]:
        """Platform ("linux/amd64", "any") to URL with checksum, empty where `info` names none."""
        try:
            told = json.loads(self.info)
        except ValueError:
            return {}
        binaries = told.get("binaries") if isinstance(told, dict) else None
        if not isinstance(binaries, dict):
            return {}
        return {str(key): str(url) for key, url in binaries.items() if isinstance(url, str)}


def read_upgrade_info(home: Path) -> UpgradePlan | None:
    """The plan in `home`, None when there is none or it is not written to its end yet.

    The file stays after the upgrade: compare its height with the node's (`is_due`).
    """
    try:
        return UpgradePlan.model_validate_json((home / UPGRADE_INFO).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        log.info("upgrade info not readable yet", home=str(home), detail=str(error)[:200])
        return None


def is_due(plan: UpgradePlan, height: int | None) -> bool:
    """Whether a node whose newest block is `height` still waits for `plan`.

    The node stores the block of the upgrade height before it stops at it.
    """
    return height is None or height <= plan.height


@dataclass(slots=True)
class UpgradeWatch:
    """Watches a home for an upgrade while the node runs: a few system calls a look."""

    home: Path
    _seen: tuple[int, int] | None = None
    _plan: UpgradePlan | None = None

    def look(self) -> UpgradePlan | None:
        """The plan on disk now; the file is read again only after it changed."""
        try:
            stat = (self.home / UPGRADE_INFO).stat()
        except OSError:
            self._seen, self._plan = None, None
            return None
        stamp = (stat.st_mtime_ns, stat.st_size)
        if stamp != self._seen or self._plan is None:
            self._seen, self._plan = stamp, read_upgrade_info(self.home)
        return self._plan
