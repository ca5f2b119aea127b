# SPDX-License-Identifier: Apache-2.0
"""Looks for a private key wherever it must not be: files, command lines, environments."""

from __future__ import annotations

import base64
import mmap
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Found:
    """A place that holds the key, and in which form."""

    place: str
    form: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan saw: a clean one that looked at nothing proves nothing.

    Attributes:
        found: where the key lies.
        files: number of files read.
        processes: number of processes whose command line and environment were read.
        unread: places that could not be read, with the reason.
    """

    found: tuple[Found, ...]
    files: int
    processes: int
    unread: tuple[str, ...]


def scan(roots: Iterable[Path], pids: Iterable[int], needle32: bytes) -> Scan:
    """Look for the seed `needle32` and its expanded form under `roots` and at `pids`.

    Raises:
        ValueError: the needle is not a 32-byte seed.
    """
    needles = forms(needle32)
    found: list[Found] = []
    unread: list[str] = []
    files = processes = 0
    for file in _files(roots):
        try:
            found += (Found(str(file), form) for form in _in_file(file, needles))
            files += 1
        except FileNotFoundError:
            continue  # removed meanwhile: a temporary file or a rotated log
        except OSError as error:
            unread.append(f"{file}: {error.strerror}")
        found += (Found(f"{file} (its name)", form) for form in _in(os.fsencode(file), needles))
    for pid in pids:
        try:
            for part in ("cmdline", "environ"):
                content = Path(f"/proc/{pid}/{part}").read_bytes()
                found += (Found(f"{part} of process {pid}", form) for form in _in(content, needles))
            processes += 1
        except OSError as error:
            unread.append(f"process {pid}: {error.strerror}")
    return Scan(tuple(found), files, processes, tuple(unread))


def forms(seed: bytes) -> dict[str, bytes]:
    """Every form of the seed and the 64-byte private key that is looked for.

    In base64 a text starts at one of three places of a group, so the characters that belong to
    the key alone are looked for at each of the three.
    """
    if len(seed) != 32:
        raise ValueError("a seed has 32 bytes")
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    wanted = {}
    for name, data in (("seed", seed), ("private key", seed + public)):
        wanted[f"{name}, raw"] = data
        wanted[f"{name}, hex"] = data.hex().encode()
        wanted[f"{name}, HEX"] = data.hex().upper().encode()
        for shift in range(3):
            for alphabet, encode in (
                ("base64", base64.b64encode),
                ("base64url", base64.urlsafe_b64encode),
            ):
                wanted[f"{name}, {alphabet} at {shift}"] = _own_characters(encode, data, shift)
    return wanted


def _own_characters(encode: object, data: bytes, shift: int) -> bytes:
    text: bytes = encode(bytes(shift) + data)  # type: ignore[operator]
    first = -(-shift * 8 // 6)
    last = (shift + len(data)) * 8 // 6
    return text[first:last]


def _files(roots: Iterable[Path]) -> Iterator[Path]:
    for root in roots:
        if root.is_file():
            yield root
        for folder, _, names in os.walk(root):
            for name in names:
                file = Path(folder, name)
                if file.is_file() and not file.is_symlink():
                    yield file


def _in_file(file: Path, needles: dict[str, bytes]) -> Iterator[str]:
    with file.open("rb") as handle:
        if os.fstat(handle.fileno()).st_size == 0:
            return
        with mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield from _in(content, needles)


def _in(content: bytes | mmap.mmap, needles: dict[str, bytes]) -> Iterator[str]:
    return (form for form, needle in needles.items() if content.find(needle) >= 0)
