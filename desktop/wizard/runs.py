# SPDX-License-Identifier: Apache-2.0
"""How a network's program will run on this computer, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.look.glyphs import Glyph
from desktop.words.translation import explained, tr

if TYPE_CHECKING:
    from node_manager.networks.profile import Profile
    from node_manager.runtime.docker.engine import EngineState


def is_contained(profile: Profile) -> bool:
    """Whether its program runs in a container here."""
    from node_manager.node.way import choose_runtime

    return choose_runtime(profile) == "docker"


def runs_words(profile: Profile, engine: EngineState | None) -> tuple[Glyph, str]:
    """How it runs; `engine` is what Docker said, None while it is not known."""
    if not is_contained(profile):
        return Glyph.GOOD, tr("as a program of this computer")
    why = tr("It runs in a container, as the network wants it.")
    if profile.runtime != "docker":
        why = tr("It runs in a container: no program is published for this computer.")
    if engine is None:
        return Glyph.UNKNOWN, f"{why} {tr('Whether Docker answers here is not known yet.')}"
    if engine.trouble is not None:
        what, _why, todo = explained(engine.trouble.explanation)
        return Glyph.BAD, " ".join(filter(None, (why, what, todo)))
    answer = tr("Docker {version} answers here.").format(version=engine.version)
    return Glyph.GOOD, f"{why} {answer}"
