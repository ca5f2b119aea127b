#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Announce a release to the builds that trust its key: `key` makes the key, `sign` announces.

The document that `sign` writes is what the source of updates serves; its form is told in
`node_manager/updates/envelope.py`. The key stays in a file of the publisher's, never in a checkout.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import sys
import tarfile
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import environment

sys.path.insert(0, str(environment.CHECKOUT))

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

DAYS = 90
"""After these nobody takes the silence of the announcement for the absence of a newer version."""


class Refused(Exception):
    """What was asked for would not make a release that builds believe."""


def main() -> int:
    """Do what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("key", help="make a key; its public half is printed")
    make.add_argument("file", type=Path, help="where the private key is put; it must be new")
    sign = commands.add_parser("sign", help="announce an archive of this platform")
    sign.add_argument("archive", type=Path)
    sign.add_argument("--to", type=Path, required=True, help="the announcement, new or of before")
    add_signing(sign, needed=True)
    chosen = parser.parse_args()
    if importlib.util.find_spec("pydantic") is None:
        python = environment.prepare("app")
        os.execv(str(python), [str(python), *sys.argv])
    try:
        if chosen.command == "key":
            print(make_key(chosen.file))
        else:
            announce(chosen.archive, chosen.to, chosen)
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def add_signing(parser: argparse.ArgumentParser, *, needed: bool) -> None:
    """The options of an announcement."""
    parser.add_argument("--key", type=Path, required=needed, help="the private key's file")
    parser.add_argument(
        "--download-url", required=needed, help="the https folder the archive will lie in"
    )
    parser.add_argument(
        "--changes", type=Path, help='JSON of what changed, by language: {"en": "…", "de": "…"}'
    )
    parser.add_argument("--minimum", help="the oldest version that is still held for safe")
    parser.add_argument("--days", type=int, default=DAYS, help="how long the announcement holds")


def make_key(file: Path) -> str:
    """Make a key in a new file that only its owner reads; the public half in hexadecimal digits.

    Raises:
        Refused: there is a file already.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Refused(f"{file} is there already and stays as it is.") from error
    with os.fdopen(handle, "wb") as out:
        out.write(text)
    return public_of(key)


def read_key(file: Path) -> Ed25519PrivateKey:
    """The private key in a file.

    Raises:
        Refused: it holds none.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise Refused(f"{file} cannot be read as a key: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused(f"{file} holds no Ed25519 key.")
    return key


def public_of(key: Ed25519PrivateKey) -> str:
    """The public half in hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def source_text(url: str, key: str) -> str:
    """What a build carries to ask `url` and to trust `key`.

    Raises:
        Refused: no build would take it.
    """
    from node_manager.updates.source import UpdateSource

    try:
        source = UpdateSource(url=url, key=key)
    except ValueError as error:
        raise Refused(f"This is no source of updates: {error}") from error
    return source.model_dump_json(indent=1) + "\n"


def pack(bundle: Path, folder: Path) -> Path:
    """The bundle as one archive for this platform, named after version and platform."""
    from node_manager.networks.targets import this_target
    from node_manager.version import VERSION

    name = f"{bundle.name}-{VERSION}-{this_target().replace('/', '-')}"
    if sys.platform == "win32":
        archive = folder / f"{name}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
            for path in sorted(bundle.rglob("*")):
                zipped.write(path, path.relative_to(bundle.parent))
        return archive
    archive = folder / f"{name}.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(bundle, bundle.name)
    return archive


def announce(archive: Path, document: Path, wanted: argparse.Namespace) -> None:
    """Write the announcement of this checkout's version with `archive` for this platform.

    The files of other platforms that `document` announces of the same version stay.

    Raises:
        Refused: it would be believed by no build, or `document` announces something later.
    """
    from node_manager.networks.targets import this_target
    from node_manager.updates.announcement import Announcement, version_order
    from node_manager.updates.envelope import opened, sealed
    from node_manager.updates.errors import UpdateError
    from node_manager.version import VERSION

    key, now = read_key(wanted.key), datetime.now(UTC).replace(microsecond=0)
    told: dict[str, object] = {"changes": {}, "files": {}, "minimum": None}
    if document.exists():
        try:
            before = opened(document.read_bytes(), public_of(key))
        except UpdateError as error:
            raise Refused(f"{document}: {error}") from error
        if version_order(before.version) > version_order(VERSION):
            raise Refused(f"{document} announces {before.version}, which is later than {VERSION}.")
        told["minimum"] = before.minimum
        if before.version == VERSION:
            told |= {"changes": before.changes, "files": before.files}
    if wanted.changes is not None:
        told["changes"] = json.loads(wanted.changes.read_text("utf-8"))
    if wanted.minimum is not None:
        told["minimum"] = wanted.minimum
    with archive.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    file = {
        "url": f"{wanted.download_url.rstrip('/')}/{archive.name}",
        "sha256": digest,
        "size": archive.stat().st_size,
    }
    told |= {"version": VERSION, "date": now, "expires": now + timedelta(days=wanted.days)}
    files = told["files"]
    assert isinstance(files, dict)
    try:
        made = Announcement.model_validate(told | {"files": {**files, this_target(): file}})
    except ValueError as error:
        raise Refused(f"This cannot be announced: {error}") from error
    document.write_bytes(sealed(made, key))
    print(f"{document}: {VERSION} for {', '.join(sorted(made.files))}, until {made.expires:%F}")


if __name__ == "__main__":
    sys.exit(main())
