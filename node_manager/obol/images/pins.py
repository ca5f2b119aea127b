# SPDX-License-Identifier: Apache-2.0
"""What an image's name stood for when it ran here first (`run/images.json`).

A tag can be moved by whoever owns it: nothing else runs under it until the person says so.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from node_manager.durable import make_private_folder, write_durably
from node_manager.obol.images.errors import ImagePinsUnreadable

FILE = "images.json"


class Pin(BaseModel):
    """What a name stood for when it ran here first.

    Attributes:
        identity: `repository@sha256:…`, or the image's own id where it came from no registry.
        pinned_at: Unix time; None for one that an earlier version of the app pinned.
    """

    model_config = ConfigDict(frozen=True)

    reference: str
    identity: str
    pinned_at: float | None = None

    @property
    def digest(self) -> str:
        """`sha256:…`."""
        return self.identity.rpartition("@")[2]


_PINS = TypeAdapter(dict[str, Pin])


def pinned(run: Path) -> dict[str, Pin]:
    """What is pinned, by name: "charon" or a client's. Blocks for the disk.

    Raises:
        ImagePinsUnreadable: what ran before is unknown.
    """
    try:
        return _PINS.validate_json((run / FILE).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        raise ImagePinsUnreadable(path=run / FILE) from error


def pin(run: Path, name: str, pin: Pin) -> None:
    """Remember it, durably. Blocks for the disk.

    Raises:
        ImagePinsUnreadable, OSError: the old ones stand.
    """
    told = {one: kept.model_dump() for one, kept in {**pinned(run), name: pin}.items()}
    make_private_folder(run)
    write_durably(run / FILE, json.dumps(told, indent=1))
