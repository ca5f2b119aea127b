# SPDX-License-Identifier: Apache-2.0
"""What keeps a container's image from running."""

from __future__ import annotations

from node_manager.obol.errors import ObolError


class ImageChanged(ObolError):
    """The image of a name is another one than ran here before."""

    code = "dv-image-changed"
    what = "The image {reference} is another one than before."
    why = "Here ran {before}; its name now stands for {now}. Who changed it is unknown."
    todo = "If the change is wanted, name it in the settings: {now}. Nothing is started until then."


class ImagePinsUnreadable(ObolError):
    """What ran in containers before is unknown."""

    code = "dv-image-pins-unreadable"
    what = "Which images ran before cannot be read."
    why = "{path} is damaged or not readable."
    todo = "Remove the file if you trust the images that this computer's Docker has now."
