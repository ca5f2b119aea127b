# SPDX-License-Identifier: Apache-2.0
"""How version 0.1.0 can stand against what was announced."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from node_manager.figures import Figure
from node_manager.updates.announcement import ReleaseFile
from node_manager.updates.errors import NotSigned, SourceNotReached
from node_manager.updates.standing import PERIOD_SECONDS, Standing
from tests.helpers.update_material import announcement

SOURCE = "https://updates.example.org/announcement.json"
NAME = "oneclick-validator-0.2.0-linux-amd64.tar.gz"
FILE = ReleaseFile(url=f"https://updates.example.org/{NAME}", sha256="ab" * 32, size=172_000_000)
CHANGES = {
    "en": "Charts keep a month. The doctor finds a second node on the same key.",
    "de": "Diagramme behalten einen Monat. Der Doktor findet einen zweiten Knoten am selben"
    " Schlüssel.",
}


def unasked() -> Standing:
    """A build with a source, before the first question."""
    return Standing("0.1.0", SOURCE)


def of(version: str, age: float = 180.0, *, days: float = 3.0) -> Standing:
    """This version was announced `days` ago, and confirmed `age` seconds ago."""
    now = time.time()
    made = datetime.fromtimestamp(now, UTC) - timedelta(days=days)
    told = announcement(version, date=made, expires=made + timedelta(days=90), changes=CHANGES)
    figure = Figure(told, "announcement", now - age, PERIOD_SECONDS)
    return Standing("0.1.0", SOURCE, figure)


def newest() -> Standing:
    """Nothing newer."""
    return of("0.1.0")


def newer() -> Standing:
    """0.2.0 is out, with a file for this platform."""
    return replace(of("0.2.0"), file=FILE)


def downloaded(folder: Path) -> Standing:
    """Its file is there."""
    return replace(newer(), downloaded=folder / NAME)


def unsafe() -> Standing:
    """0.1.0 is not held for safe any more."""
    standing = newer()
    told = standing.newest.value
    assert told is not None
    figure = replace(standing.newest, value=told.model_copy(update={"minimum": "0.1.1"}))
    return replace(standing, newest=figure)


def forged() -> Standing:
    """The last answer was not signed by the key."""
    return replace(of("0.1.0", 2 * PERIOD_SECONDS), trouble=NotSigned().explanation)


def offline() -> Standing:
    """Nobody answered, and nothing was ever known."""
    reason = "The server answers 503."
    return replace(unasked(), trouble=SourceNotReached(reason=reason).explanation)


def frozen() -> Standing:
    """The source answers, with an announcement that has run out."""
    return of("0.1.0", days=91.0)


def long_ago() -> Standing:
    """No answer for forty days."""
    return of("0.1.0", 40 * PERIOD_SECONDS, days=41.0)
