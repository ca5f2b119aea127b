# SPDX-License-Identifier: Apache-2.0
"""Which certificates and which redirects a download trusts."""

from __future__ import annotations

import ipaddress
import ssl
from urllib.parse import urljoin, urlsplit

import certifi

from node_manager.downloads.checksum import without_credentials
from node_manager.downloads.errors import UrlRefused

SCHEMES = ("https", "http", "file")
MAX_REDIRECTS = 5


def certificates() -> ssl.SSLContext:
    """The system's certificate authorities and, as a frozen app may not find those, certifi's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def require_scheme(url: str) -> str:
    """Return the URL's scheme.

    Raises:
        UrlRefused: it is not https, http or file.
    """
    scheme = urlsplit(url).scheme.lower()
    if scheme not in SCHEMES:
        raise UrlRefused(url=without_credentials(url), reason="It is no https, http or file URL.")
    return scheme


def redirected(origin: str, url: str, location: str, hops: int) -> str:
    """Where a redirect leads.

    Raises:
        UrlRefused: it leads from https to something weaker, to a file, or in a circle.
    """
    target = urljoin(url, location)
    shown = without_credentials(origin)
    if hops >= MAX_REDIRECTS:
        raise UrlRefused(url=shown, reason=f"It redirects more than {MAX_REDIRECTS} times.")
    scheme = urlsplit(target).scheme.lower()
    if scheme not in ("https", "http"):
        raise UrlRefused(url=shown, reason=f"It redirects to a {scheme or 'nameless'} address.")
    if urlsplit(url).scheme.lower() == "https" and scheme != "https":
        raise UrlRefused(url=shown, reason="It redirects from https to unprotected http.")
    return target


def is_protected(url: str) -> bool:
    """Whether nobody on the way can change what comes from there: https, or this computer."""
    scheme = urlsplit(url).scheme.lower()
    return scheme == "https" or (scheme == "http" and is_loopback(url))


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this computer."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
