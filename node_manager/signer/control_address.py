# SPDX-License-Identifier: Apache-2.0
"""Where a signer's control door is: a unix socket, or a loopback port named in a file."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_UNIX_PATH = 100
"""Bytes that fit into `sockaddr_un` on every system (Linux 108, macOS 104, with the final 0)."""


def unix_path(control: Path) -> str | None:
    """The path to bind or connect to, None where a loopback port stands in for it."""
    path = os.fspath(control)
    fits = len(os.fsencode(path)) <= _UNIX_PATH
    return path if fits and hasattr(socket, "AF_UNIX") else None


def port_file(control: Path) -> Path:
    """The file with port and token where there is no unix socket."""
    return control.with_name(control.name + ".port")
