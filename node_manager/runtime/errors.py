# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between this app and the programs it runs."""

from __future__ import annotations

from node_manager.explanation import OneClickError


class RuntimeTrouble(OneClickError):
    """Root of the errors of this package; `passing` tells whether waiting may mend it."""

    code = "runtime"
    what = "{name} cannot be run."
    passing = False


class ProgramMissing(RuntimeTrouble):
    """The executable is not where it is expected."""

    code = "program-missing"
    what = "{name} does not start: the program {path} is not there."
    why = "It was moved or deleted, or its installation did not finish."
    todo = "Install the program again."


class ProgramNotExecutable(RuntimeTrouble):
    """The file is there, but this user may not execute it."""

    code = "program-not-executable"
    what = "{name} does not start: {path} may not be executed."
    why = (
        "The file lacks the permission to be executed, "
        "or its disk is mounted so that no program on it may run (noexec)."
    )
    todo = "Install the program again, or choose a data folder on another disk."


class ProgramForOtherPlatform(RuntimeTrouble):
    """The system does not recognise the file as one of its programs."""

    code = "program-other-platform"
    what = "{name} does not start: {path} is not a program for this computer ({platform})."
    why = "The file is {kind}."
    todo = "Install the release for {platform}, or run the network in Docker."


class ProgramLoaderMissing(RuntimeTrouble):
    """The file is there, but what loads it (its interpreter or dynamic loader) is not."""

    code = "program-loader-missing"
    what = "{name} does not start: the system cannot load {path}."
    why = (
        "The file is there; the loader or interpreter that it names is not. "
        "It was built for another kind of system, for example for Alpine Linux."
    )
    todo = "Install the release for this system, or run the network in Docker."


class WorkFolderMissing(RuntimeTrouble):
    """The folder in which the program is to run cannot be entered."""

    code = "work-folder-missing"
    what = "{name} does not start: its folder {path} cannot be entered ({error})."
    why = "The folder was moved or deleted, or its disk is not attached."
    todo = "Attach the disk or choose the data folder again."


class LogNotWritable(RuntimeTrouble):
    """The program's log file cannot be opened."""

    code = "log-not-writable"
    what = "{name} does not start: its log file {path} cannot be written ({error})."
    why = "The disk is full or read-only, or the file belongs to another user."
    todo = "Free space on this disk, or give this user the folder."


class RecordNotWritable(RuntimeTrouble):
    """The record by which the next start of the app finds the process cannot be written."""

    code = "process-record-not-writable"
    what = "{name} was not left running: its record {path} cannot be written ({error})."
    why = (
        "Without the record the next start of the app would not find the process "
        "and could run the same validator twice."
    )
    todo = "Free space on this disk, or give this user the folder."


class AlreadyRunning(RuntimeTrouble):
    """The record of this launch names a process that lives."""

    code = "already-running"
    what = "{name} is not started a second time: it runs as process {pid}."
    why = "An earlier run of the app started it."
    todo = "Take that process over, or stop it first."


class RecordNotReadable(RuntimeTrouble):
    """There is a record of a running process, and it cannot be read."""

    code = "process-record-not-readable"
    what = "Whether the validator already runs is unknown: {path} cannot be read ({error})."
    why = "The disk does not answer, or the file belongs to another user."
    todo = "Give this user the file. Nothing is started until then, so that nothing runs twice."


class ProgramNotStarted(RuntimeTrouble):
    """The system refused to start the program for a reason without a name of its own here."""

    code = "program-not-started"
    what = "{name} does not start: {error}."
    why = "The system refused to run {path}."
    todo = "Look at the reason above; often memory or the number of processes is used up."


class ProcessDoesNotEnd(RuntimeTrouble):
    """The process is still there after it was killed."""

    code = "process-does-not-end"
    what = "{name} (process {pid}) does not end, although it was killed."
    why = "It waits inside the system, mostly for a disk that does not answer."
    todo = "Look at the disk; restart the computer before this validator is started again."


class SocketPathTooLong(RuntimeTrouble):
    """The path of a local socket is longer than the system allows."""

    code = "socket-path-too-long"
    what = "The socket {path} cannot be made: its path has {length} bytes, {limit} are allowed."
    why = "The data folder lies deep inside other folders."
    todo = "Choose a data folder with a shorter path."


class ChannelRefused(RuntimeTrouble):
    """The other side of a local channel did not present the channel's token."""

    code = "channel-refused"
    what = "The process behind {path} is not the one that made this channel."
    why = "The address on file is old and another program listens there now."
    todo = "Stop the validator and start it again."


class AutostartNotChanged(RuntimeTrouble):
    """Starting with the session could not be switched on or off."""

    code = "autostart-not-changed"
    what = "Starting with the session cannot be changed ({error})."
    why = "{path} cannot be written."
    todo = "Give this user the folder, then try again."


class LaunchBroken(RuntimeTrouble):
    """What prepares a start failed in a way that nobody foresaw."""

    code = "launch-broken"
    what = "{name} does not start: its preparation failed ({error})."
    why = "This is a defect of this app."
    todo = "Report it together with the app's log. The start is tried again by itself."


CANNOT_HEAL = (ProgramMissing, ProgramNotExecutable, ProgramForOtherPlatform, ProgramLoaderMissing)
"""Errors that another try cannot mend."""
