# SPDX-License-Identifier: Apache-2.0
"""A profile from a file, a folder or an address, checked as a whole and then kept."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import structlog

from node_manager.downloads.answer import TooLarge, open_client, read_answer
from node_manager.downloads.checksum import without_credentials
from node_manager.downloads.errors import UrlRefused
from node_manager.downloads.trust import is_protected
from node_manager.layout import Layout
from node_manager.networks.addresses import part_addresses
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.errors import ProfileExists, ProfileUnreadable
from node_manager.networks.profile import Profile
from node_manager.networks.reading import (
    CHAIN,
    MAX_PART_BYTES,
    PARTS,
    parse_profile,
    profile_id,
    read_parts,
)

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 20.0
ABSENT = (403, 404, 410)
"""What servers answer where a folder lacks one of the files; a profile may do without it."""

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.I)
_ORIGINS = {
    "bundled": "one that came with the app",
    "imported": "one that was imported",
    "localnet": "the local network's own",
}


async def import_profile(
    source: str, layout: Layout, *, replace: bool = False, identity: str | None = None
) -> Profile:
    """Import a profile and return it as the catalogue has it from now on.

    Args:
        source: a chain.json, a folder with it (and maybe oneclick.json, versions.json,
            assetlist.json), or the address of either, such as a chain's folder in the chain
            registry on GitHub.
        replace: whether a profile that is there already gives way. Answers to it stay.
        identity: the profile's id; from its chain id when None.

    Raises:
        ProfileUnreadable: the source gives no profile.
        ProfileInvalid: with every wrong field.
        ProfileExists: there is one, and `replace` is False.
        OSError: it could not be kept; what was there is unchanged or absent.
    """
    parts = await read_source(source)
    profile = parse_profile(
        parts, name=_shown(source), origin="imported", identity=identity and profile_id(identity)
    )
    catalogue = Catalogue(layout)
    known = await asyncio.to_thread(catalogue.origin, profile.id)
    if known is not None and not replace:
        raise ProfileExists(name=profile.id, origin=_ORIGINS[known])
    await asyncio.to_thread(catalogue.keep, profile.id, parts)
    log.info("profile imported", profile=profile.id, source=_shown(source))
    return await asyncio.to_thread(catalogue.get, profile.id)


async def read_source(source: str) -> dict[str, bytes]:
    """The contents of the profile's files at `source`, by file name, unchecked.

    Raises:
        ProfileUnreadable: there is none.
    """
    text = source.strip()
    if _ADDRESS.match(text) and urlsplit(text).scheme.lower() != "file":
        return await _read_address(text)
    return await asyncio.to_thread(_read_path, text)


def _read_path(shown: str) -> dict[str, bytes]:
    local = url2pathname(urlsplit(shown).path) if _ADDRESS.match(shown) else shown
    path = Path(local).expanduser()
    if path.is_dir():
        return read_parts(path, shown)
    if path.name == CHAIN and path.is_file():
        return read_parts(path.parent, shown)
    try:
        if path.stat().st_size > MAX_PART_BYTES:
            raise ProfileUnreadable(name=shown, reason="The file is too large for a profile.")
        return {CHAIN: path.read_bytes()}
    except OSError as error:
        reason = f"It cannot be read: {error.strerror or error}."
        raise ProfileUnreadable(name=shown, reason=reason) from error


async def _read_address(url: str) -> dict[str, bytes]:
    shown = _shown(url)
    if not is_protected(url):
        raise ProfileUnreadable(name=shown, reason="A profile is read over https only.")
    # Here, because an app that imports no profile needs it nowhere else.
    import httpx

    found: dict[str, bytes] = {}
    try:
        async with open_client(url, seconds=TIMEOUT_SECONDS) as client:
            for name, address in part_addresses(url, PARTS).items():
                answer = await read_answer(client, address, limit=MAX_PART_BYTES)
                if answer.status == 200:
                    found[name] = answer.content
                elif name == CHAIN or answer.status not in ABSENT:
                    reason = f"The server answers {answer.status}."
                    raise ProfileUnreadable(name=shown, reason=reason)
    except TooLarge as error:
        reason = "It is too large for a profile."
        raise ProfileUnreadable(name=shown, reason=reason) from error
    except UrlRefused as error:
        raise ProfileUnreadable(name=shown, reason=error.explanation.filled()[1]) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = f"The connection fails: {str(error) or type(error).__name__}."
        raise ProfileUnreadable(name=shown, reason=reason) from error
    return found


def _shown(source: str) -> str:
    return without_credentials(source) if _ADDRESS.match(source.strip()) else source.strip()
