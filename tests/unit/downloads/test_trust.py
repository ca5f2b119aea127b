# SPDX-License-Identifier: Apache-2.0
"""https stays https, with certificates that count."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node_manager.downloads.checksum import Checksum
from node_manager.downloads.errors import ConnectionFailed, UrlRefused
from node_manager.downloads.fetch import fetch_file
from node_manager.downloads.trust import is_loopback, redirected
from tests.helpers.certificates import certificate
from tests.unit.downloads.file_server import FileServer


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[FileServer]:
    public, private = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    served = FileServer(b"over tls")
    await served.start(context)
    yield served
    await served.stop()


async def fetch(server: FileServer, path: str, folder: Path) -> bytes:
    fetched = await fetch_file(
        server.url(path),
        folder / "fetched",
        Checksum("sha256", server.sha256),
        partial_folder=folder / "partials",
        attempts=1,
    )
    return fetched.path.read_bytes()


async def test_a_certificate_of_the_system_counts(
    secure: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    assert await fetch(secure, "/file", tmp_path) == b"over tls"


async def test_a_certificate_nobody_vouches_for_does_not(
    secure: FileServer, tmp_path: Path
) -> None:
    with pytest.raises(ConnectionFailed, match="certificate"):
        await fetch(secure, "/file", tmp_path)


async def test_a_redirect_from_https_to_http_is_refused(
    secure: FileServer, server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    secure.redirects = {"/away": server.url()}
    with pytest.raises(UrlRefused, match="from https to unprotected http"):
        await fetch(secure, "/away", tmp_path)
    assert server.asked == []


def test_a_redirect_may_be_relative_and_may_become_safer() -> None:
    assert redirected("a", "https://a.org/x/y", "../z", 0) == "https://a.org/z"
    assert redirected("a", "http://a.org/x", "https://b.org/x", 0) == "https://b.org/x"


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("http://127.0.0.1:1/x", True),
        ("http://localhost/x", True),
        ("http://[::1]:8/x", True),
        ("http://localhost.example.org/x", False),
        ("http://10.0.0.1/x", False),
    ],
)
def test_only_this_computer_is_loopback(url: str, inside: bool) -> None:
    assert is_loopback(url) is inside
