# SPDX-License-Identifier: Apache-2.0
"""Why it is not known whether there is a newer version, or why it was not downloaded."""

from __future__ import annotations

from node_manager.explanation import OneClickError


class UpdateError(OneClickError):
    """Root of these errors. None of them changes anything of the app."""

    code = "update-unknown"
    what = "Whether there is a newer version is unknown."
    answered = True
    """Whether the source was reached, so that asking it again soon would not help."""


class SourceUnreadable(UpdateError):
    """The build's own file is damaged."""

    code = "update-source-unreadable"
    what = "The file that names the source of updates is damaged."
    why = "{path} cannot be read."
    todo = "Install the app anew from where you had it. The validators are not touched by it."


class SourceNotReached(UpdateError):
    """No answer."""

    code = "update-source-not-reached"
    what = "No announcement comes from the source of updates."
    why = "{reason}"
    todo = "Check this computer's connection. The app asks again by itself."
    answered = False


class AnswerTooLarge(UpdateError):
    """More bytes than an announcement can have."""

    code = "update-answer-too-large"
    what = "The source of updates sends more than an announcement can have."
    why = "The limit is {limit} bytes."
    todo = "None of it was believed, and nothing was downloaded."


class NotSigned(UpdateError):
    """The signature is not by the pinned key."""

    code = "update-not-signed"
    what = "The announcement is not signed by the key of this build. Nothing was downloaded."
    why = "It was changed at its source or on its way."
    todo = "Stay with this version, and take a newer one only from where you had this one."


class AnnouncementUnreadable(UpdateError):
    """Signed, and not what this version understands."""

    code = "update-announcement-unreadable"
    what = "The announcement is signed, and this version does not understand it."
    why = "{reason}"
    todo = "Look for a newer version where you had this one. Nothing was downloaded."


class AnnouncementOlder(UpdateError):
    """An announcement from before the one that was believed last."""

    code = "update-announcement-older"
    what = "The source of updates repeats an older announcement. Nothing was downloaded."
    why = (
        "It names version {announced} of {announced_at}; version {known} of {known_at} was"
        " announced before."
    )
    todo = "Somebody may be holding back the newer one. The app asks again by itself."


class NothingNewer(UpdateError):
    """There is nothing to download."""

    code = "update-nothing-newer"
    what = "No newer version than {version} was announced."
    todo = "There is nothing to download."


class NoFileForPlatform(UpdateError):
    """The announced version is not made for this platform."""

    code = "update-no-file"
    what = "Version {version} is not published for this platform ({target})."
    todo = "Stay with this version."
