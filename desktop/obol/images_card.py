# SPDX-License-Identifier: Apache-2.0
"""The images of which a distributed validator's containers are made."""

from __future__ import annotations

from desktop.look.glyphs import Glyph
from desktop.obol.cards import Line, LinesCard
from desktop.obol.enr_card import wrappable
from desktop.words import wording
from desktop.words.translation import tr
from node_manager.obol.status import DvStatus, ImageRow


class ImagesCard(LinesCard):
    """Which image each name stands for; nothing else runs under it. Hidden without containers."""

    def __init__(self) -> None:
        super().__init__(tr("Images"))
        self.right.setText(tr("nothing else runs under these names"))

    def show_status(self, status: DvStatus, now: float) -> None:
        """Show each with its digest and for how long it has been pinned."""
        self.show_lines([image_line(one, now) for one in status.images])


def image_line(image: ImageRow, now: float) -> Line:
    """One image."""
    age = tr("pinned at an unknown time")
    if image.pinned_at is not None:
        days = int(max(0.0, now - image.pinned_at) // 86_400)
        age = tr("pinned {age} ago").format(age=wording.days(days))
        if days == 0:
            age = tr("pinned {time}").format(time=wording.clock(image.pinned_at, now))
    words = f"{image.name}  ·  {wrappable(image.reference)}"
    return Glyph.GOOD, words, f"{wrappable(image.digest)}  ·  {age}"
