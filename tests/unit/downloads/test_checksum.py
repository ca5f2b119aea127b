# SPDX-License-Identifier: Apache-2.0
"""Checksums as they are published."""

from __future__ import annotations

import pytest

from node_manager.downloads.checksum import Checksum, split_checksum, without_credentials
from node_manager.downloads.errors import ChecksumInvalid

SHA256 = "ab" * 32
SHA512 = "cd" * 64


@pytest.mark.parametrize(
    ("text", "algorithm"),
    [
        (f"sha256:{SHA256}", "sha256"),
        (f"SHA256:{SHA256.upper()}", "sha256"),
        (f" {SHA256}\n", "sha256"),
        (SHA512, "sha512"),
        (f"sha512:{SHA512}", "sha512"),
    ],
)
def test_a_checksum_is_read(text: str, algorithm: str) -> None:
    assert Checksum.parse(text).algorithm == algorithm


@pytest.mark.parametrize(
    "text", ["", "sha256:", SHA256[:-1], f"md5:{'a' * 32}", f"sha512:{SHA256}", "g" * 64, "a:b:c"]
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ChecksumInvalid):
        Checksum.parse(text)


def test_a_checksum_is_taken_out_of_a_url_and_the_rest_stays() -> None:
    url = f"https://a.org/x.tar.gz?token=1&checksum=sha256:{SHA256}&b=/c"
    assert split_checksum(url) == ("https://a.org/x.tar.gz?token=1&b=/c", f"sha256:{SHA256}")
    assert split_checksum("https://a.org/x?y=1") == ("https://a.org/x?y=1", None)


def test_a_shown_url_has_no_secret() -> None:
    assert without_credentials("https://u:p@a.org:8/x?k=v#f") == "https://a.org:8/x"
