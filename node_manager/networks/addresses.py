# SPDX-License-Identifier: Apache-2.0
"""Where the files of a profile lie when it is given as an address."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from node_manager.networks.reading import CHAIN

_GITHUB = re.compile(r"/([^/]+)/([^/]+)/(?:tree|blob|raw)/([^/]+)(/.*)?")


def raw_address(url: str) -> str:
    """`url`, and for a page of a file or folder on GitHub the address of its content.

    A branch whose name holds a slash cannot be told from a folder: its first part counts.
    """
    parts = urlsplit(url.strip())
    if (parts.hostname or "").removeprefix("www.") != "github.com":
        return url.strip()
    match = _GITHUB.fullmatch(parts.path.rstrip("/"))
    if match is None:
        return url.strip()
    owner, repository, branch, path = match.groups()
    target = f"/{owner}/{repository}/{branch}{path or ''}"
    return urlunsplit(("https", "raw.githubusercontent.com", target, "", ""))


def part_addresses(url: str, names: tuple[str, ...]) -> dict[str, str]:
    """The address of each file of the profile at `url`, which is its folder or its chain.json.

    A JSON file of another name is the chain.json itself; its neighbours are not guessed.
    """
    parts = urlsplit(raw_address(url))
    path = parts.path
    last = path.rpartition("/")[2]
    if last.endswith(".json") and last != CHAIN:
        return {CHAIN: urlunsplit(parts)}
    folder = path.rpartition("/")[0] if last == CHAIN else path.rstrip("/")
    return {name: urlunsplit(parts._replace(path=f"{folder}/{name}")) for name in names}
