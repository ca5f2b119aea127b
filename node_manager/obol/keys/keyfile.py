# SPDX-License-Identifier: Apache-2.0
"""charon's ENR key file: 64 hex characters, no 0x, no line break, mode 0600, never replaced."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from eth_utils.exceptions import ValidationError

from node_manager.durable import PRIVATE_FILE, make_private_folder, sync_folder
from node_manager.obol.errors import (
    EnrKeyDamaged,
    EnrKeyExists,
    EnrKeyMissing,
)
from node_manager.obol.keys.enr import Enr, make_enr

KEY_FILE = "charon-enr-private-key"
_HEX = re.compile(rb"(0x)?([0-9a-fA-F]{64})\s*")


def create_key(folder: Path) -> Enr:
    """Make a key in charon's data folder and return its ENR. Blocks for the disk.

    Raises:
        EnrKeyExists: there is one; it is kept.
        OSError: nothing was made.
    """
    while True:
        key = secrets.token_bytes(32)
        try:
            enr = make_enr(key)
        except ValidationError:  # one of 2^128 draws lies outside the curve's order
            continue
        write_key(folder, key)
        return enr


def write_key(folder: Path, key: bytes) -> Path:
    """Write `key` durably as charon's key file.

    Raises:
        EnrKeyExists: there is one; it is kept.
        OSError: nothing was made.
    """
    make_private_folder(folder)
    path = folder / KEY_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    except FileExistsError:
        raise EnrKeyExists(path=path) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key.hex().encode())
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    sync_folder(folder)
    return path


def read_key(path: Path) -> bytes:
    """The 32 bytes of a key file (also one with 0x or a line break). Blocks for the disk.

    Raises:
        EnrKeyMissing, EnrKeyDamaged: there is no usable key.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise EnrKeyMissing(path=path) from None
    except OSError as error:
        raise EnrKeyDamaged(path=path, reason=f"{error.strerror or error}.") from error
    found = _HEX.fullmatch(content)
    if found is None:
        raise EnrKeyDamaged(path=path, reason="It does not hold 64 hexadecimal digits.")
    key = bytes.fromhex(found[2].decode())
    try:
        make_enr(key)
    except ValidationError:
        raise EnrKeyDamaged(path=path, reason="Its number is no key of this curve.") from None
    return key


def read_public(folder: Path) -> Enr:
    """The ENR of the key in charon's data folder; its mode is set right where others could read.

    Raises:
        EnrKeyMissing, EnrKeyDamaged: there is no usable key.
    """
    path = folder / KEY_FILE
    enr = make_enr(read_key(path))
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(PRIVATE_FILE)
    return enr
