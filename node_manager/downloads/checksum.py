# SPDX-License-Identifier: Apache-2.0
"""Checksums of published files, and the `?checksum=` that chain-registry puts into URLs."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from node_manager.downloads.errors import ChecksumInvalid

if TYPE_CHECKING:
    from hashlib import _Hash

DIGITS = {"sha256": 64, "sha512": 128}
_HEX = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Checksum:
    """A digest to hold a file against: `algorithm` is "sha256" or "sha512", `digest` lower hex."""

    algorithm: str
    digest: str

    @classmethod
    def parse(cls, text: str) -> Checksum:
        """Read `sha256:HEX`, `sha512:HEX`, or bare hex digits whose number tells the algorithm.

        Raises:
            ChecksumInvalid: it is neither.
        """
        algorithm, colon, digest = text.strip().lower().rpartition(":")
        if not colon:
            algorithm = next((name for name, n in DIGITS.items() if n == len(digest)), "")
        if len(digest) != DIGITS.get(algorithm) or not _HEX.fullmatch(digest):
            raise ChecksumInvalid(text=text[:200])
        return cls(algorithm, digest)

    def hasher(self) -> _Hash:
        """A fresh hash object of this algorithm."""
        return hashlib.new(self.algorithm)

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digest}"


def split_checksum(url: str) -> tuple[str, str | None]:
    """Part a URL from its `checksum` query field: (URL without it, the field's text or None).

    The form is go-getter's, which cosmovisor and chain-registry use.
    """
    parts = urlsplit(url)
    fields = parse_qsl(parts.query, keep_blank_values=True)
    text = next((value for name, value in fields if name == "checksum"), None)
    if text is None:
        return url, None
    kept = urlencode([(name, value) for name, value in fields if name != "checksum"], safe="/:")
    return urlunsplit(parts._replace(query=kept)), text


def without_credentials(url: str) -> str:
    """`url` as it may be shown and logged: no user, no password, no query, no fragment."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, quote(parts.path, safe="/%:@+~,;=&$!'()*"), "", ""))
