# SPDX-License-Identifier: Apache-2.0
"""What is known of newer versions, in words; what is not known, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.look.glyphs import Glyph
from desktop.words import wording
from desktop.words.translation import explained, tr

if TYPE_CHECKING:
    from node_manager.downloads.progress import Progress
    from node_manager.updates.announcement import Announcement
    from node_manager.updates.standing import Standing

FORGED = "update-not-signed"
"""The one trouble that somebody may have made on purpose."""


def state(standing: Standing | None, now: float, *, checking: bool = False) -> tuple[Glyph, str]:
    """How this version stands, in a glyph and a few words."""
    if checking:
        return Glyph.BUSY, tr("asking")
    if standing is None:
        return Glyph.UNKNOWN, tr("unknown")
    if standing.trouble is not None and standing.trouble.code == FORGED:
        return Glyph.BAD, tr("unknown")
    if standing.unsafe:
        return Glyph.BAD, tr("not held for safe any more")
    if (newer := standing.newer) is not None:
        return Glyph.WARN, tr("{version} is out").format(version=newer.version)
    if standing.trouble is None and standing.is_newest(now):
        stale = standing.newest.stale(now)
        return Glyph.WARN if stale else Glyph.GOOD, tr("the newest that is announced")
    return Glyph.UNKNOWN, tr("unknown")


def about(standing: Standing | None, now: float) -> str:
    """Where that is known from and since when, or why it is not known."""
    if standing is None:
        return ""
    newest = standing.newest
    age = wording.ago(newest.age(now))
    if standing.trouble is not None:
        told = " ".join(filter(None, explained(standing.trouble)))
        last = tr("The last answer that counts came {age}.").format(age=age)
        return f"{told} {last}" if newest.at is not None else told
    if not standing.source:
        return tr(
            "This build names no source of updates, so whether there is a newer one is unknown."
        )
    if newest.value is None:
        return tr("The source of updates was not asked yet.")
    if standing.is_newest(now) is None and newest.value.expired(now):
        return tr(
            "The source repeats its announcement of {date}, which holds no longer, so whether"
            " there is a newer one is unknown."
        ).format(date=wording.date(newest.value.date.isoformat()))
    if standing.is_newest(now) is None:
        return tr("The last answer came {age}, so whether there is a newer one is unknown.").format(
            age=age
        )
    if newest.stale(now):
        age = tr("stale, {age}").format(age=age)
    return tr("Checked {age}, signed by the key of this build.").format(age=age)


def newer_title(newer: Announcement) -> str:
    """A newer version and its date."""
    date = wording.date(newer.date.isoformat())
    return tr("Version {version} of {date}").format(version=newer.version, date=date)


def unfetched(standing: Standing) -> str:
    """What can be done about a newer version while nothing is under way."""
    if standing.downloaded is not None:
        return tr(
            "Downloaded and verified, not installed. Quit the app and leave the validator running,"
            " unpack the file in place of the old app, then start it: it takes over what runs."
        )
    if standing.file is None:
        return tr("It is not published for this platform.")
    return tr("{size} to download. The validator goes on meanwhile.").format(
        size=wording.size(standing.file.size)
    )


def downloading(progress: Progress | None) -> str:
    """How far a download is."""
    if progress is None or progress.phase != "download":
        return tr("Connecting.")
    done = tr("{done} of {total}").format(
        done=wording.size(progress.done),
        total=tr("unknown") if progress.total is None else wording.size(progress.total),
    )
    parts = [done]
    if progress.rate is not None:
        parts.append(tr("{rate}/s").format(rate=wording.size(progress.rate)))
    if progress.seconds_left is not None:
        left = wording.duration(progress.seconds_left)
        parts.append(tr("about {time} left").format(time=left))
    return ", ".join(parts)
