# SPDX-License-Identifier: Apache-2.0
"""Where a command gets a passphrase from: a private file or the terminal, never an argument."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from node_manager.explanation import OneClickError
from node_manager.keys.secret import SecretBytes


class PassphraseFileOpen(OneClickError):
    """The file can be read by others."""

    code = "passphrase-file-open"
    what = "The passphrase in {file} is not used."
    why = "Other users of this computer can read that file."
    todo = "Run: chmod 600 {file}"


class NoPassphrase(OneClickError):
    """There is nobody to ask."""

    code = "no-passphrase"
    what = "A passphrase is needed, and there is no terminal to ask for it."
    todo = "Name a private file that holds it with --passphrase-file."


def from_file(file: Path) -> SecretBytes:
    """The first line of `file`, which only its owner may read.

    Raises:
        PassphraseFileOpen: its mode lets others read.
        OSError: it cannot be read.
    """
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise PassphraseFileOpen(file=file)
    return SecretBytes(file.read_bytes().split(b"\n", 1)[0].rstrip(b"\r"))


def obtain(file: Path | None, prompt: str) -> SecretBytes:
    """From `file` where one is named, else from the terminal.

    Raises:
        NoPassphrase: there is neither.
    """
    if file is not None:
        return from_file(file)
    if not sys.stdin.isatty():
        raise NoPassphrase()
    return SecretBytes(getpass.getpass(f"{prompt}: ").encode())
