# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between a URL and an installed program."""

from __future__ import annotations

from node_manager.explanation import OneClickError


class DownloadError(OneClickError):
    """Root of the download's errors. None of them leaves anything half-installed."""

    code = "download-failed"
    what = "The download of {url} fails."
    passing = False
    """Whether the next try, without any change, can do better."""


class ChecksumMissing(DownloadError):
    """A release without a checksum is not installed."""

    code = "checksum-missing"
    what = "There is no checksum for {url}."
    why = "Without one nobody can tell the published program from a changed one."
    todo = "Ask the network's team for the SHA-256 of this file and enter it."


class ChecksumInvalid(DownloadError):
    """A checksum that is not one."""

    code = "checksum-invalid"
    what = "{text} is not a checksum."
    why = "A checksum is sha256: with 64 or sha512: with 128 hexadecimal digits."
    todo = "Copy it again from where the network's team publishes it."


class ChecksumWrong(DownloadError):
    """The bytes are not those that were promised."""

    code = "checksum-wrong"
    what = "The file from {url} is not the published program."
    why = (
        "It was damaged on its way or replaced at its source: its {algorithm} is {found},"
        " expected is {expected}."
    )
    todo = (
        "Download it again; if it differs again, ask the network's team."
        " The file is deleted and nothing was installed."
    )


class GivenFileWrong(DownloadError):
    """A file of this computer that was given in place of a download, and is another one."""

    code = "given-file-wrong"
    what = "{path} is not the published program."
    why = "Its {algorithm} is {found}, expected is {expected}."
    todo = (
        "Choose the file that the network's team publishes, as it was downloaded, or download it"
        " again. Nothing was installed or changed."
    )


class UrlRefused(DownloadError):
    """A URL, or a redirect, that this app does not follow."""

    code = "url-refused"
    what = "{url} is not used."
    why = "{reason}"
    todo = "Use an address that begins with https://."


class NotPublished(DownloadError):
    """The server has no such file (404, 410)."""

    code = "not-published"
    what = "There is no file at {url}."
    why = "The server answers {status}."
    todo = "Check the address in the network's profile: the release may have moved."


class AccessRefused(DownloadError):
    """The server does not give this file to everybody (401, 403)."""

    code = "access-refused"
    what = "The server refuses {url}."
    why = "It answers {status}."
    todo = "Check the address in the network's profile: the file may not be public."


class ServerTrouble(DownloadError):
    """The server answers with something that is no file."""

    code = "server-trouble"
    what = "The server cannot give {url} now."
    why = "It answers {status}."
    todo = "Try again later. What is downloaded is kept."
    passing = True


class ConnectionFailed(DownloadError):
    """No connection, or it broke."""

    code = "connection-failed"
    what = "The connection for {url} fails."
    why = "{reason}"
    todo = "Check this computer's connection and try again. What is downloaded is kept."
    passing = True


class Truncated(DownloadError):
    """The server ended before the file did."""

    code = "truncated"
    what = "The file from {url} ends too early: {done} of {total} bytes."
    why = "The server or something between closed the connection."
    todo = "Try again: the download goes on where it stopped."
    passing = True


class Stalled(DownloadError):
    """No byte for too long."""

    code = "stalled"
    what = "Nothing more comes from {url} since {seconds} s."
    why = "The server or the connection stands still, with {done} bytes downloaded."
    todo = "Try again: the download goes on where it stopped."
    passing = True


class NoSpace(DownloadError):
    """The disk cannot hold it."""

    code = "no-space"
    what = "The disk has no room for {what_for}."
    why = "{folder} needs {needed} bytes and has {free}."
    todo = "Free space on this disk, or choose another data folder. What is downloaded is kept."


class TooLarge(DownloadError):
    """More bytes than a release can sensibly have."""

    code = "too-large"
    what = "The file from {url} is larger than allowed."
    why = "It has {size} bytes or more, the limit is {limit}."
    todo = "Check the address in the network's profile."


class FileUnreadable(DownloadError):
    """A file on this computer that cannot be read or written."""

    code = "file-unreadable"
    what = "{path} cannot be read or written."
    why = "{reason}"
    todo = "Check the path and its permissions."


class ArchiveRefused(DownloadError):
    """An archive with a member that has no place in a release."""

    code = "archive-refused"
    what = "The archive {archive} is not unpacked."
    why = "{reason}"
    todo = "Do not use this release; tell the network's team."


class ArchiveDamaged(DownloadError):
    """An archive that cannot be read to its end."""

    code = "archive-damaged"
    what = "The archive {archive} cannot be read."
    why = "{reason}"
    todo = "Check the address and the checksum in the network's profile."


class ProgramMissing(DownloadError):
    """The archive does not hold the program."""

    code = "archive-without-program"
    what = "The archive {archive} holds no program {program}."
    why = "It holds: {names}."
    todo = "Check the program's name in the network's profile."


class WrongPlatform(DownloadError):
    """The program is not for this computer."""

    code = "wrong-platform"
    what = "{program} is not a program for this computer ({target})."
    why = "{reason}"
    todo = "Choose the release for {target}, or run the validator in Docker."


class TrialFailed(DownloadError):
    """The program does not even tell its version."""

    code = "trial-failed"
    what = "{program} does not run: its version cannot be read."
    why = "{reason}"
    todo = "Check that this release is meant for this computer, or choose another version."


class NameRefused(DownloadError):
    """A program or version name that cannot be a folder's name."""

    code = "name-refused"
    what = "{name} cannot be the name of a program or version."
    why = "It becomes a folder's name: letters, digits, dot, dash, underscore and plus only."
    todo = "Check the network's profile."
