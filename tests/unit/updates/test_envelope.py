# SPDX-License-Identifier: Apache-2.0
"""Nothing of an announcement is believed but what the pinned key has signed."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.updates.envelope import SUBJECT, opened
from node_manager.updates.errors import AnnouncementUnreadable, NotSigned
from tests.helpers.update_material import KEY, OTHER_KEY, announcement, document, public


def signed(text: str, subject: bytes = SUBJECT) -> bytes:
    signature = base64.b64encode(KEY.sign(subject + text.encode())).decode()
    return json.dumps({"announcement": text, "signature": signature}).encode()


def told(**fields: object) -> bytes:
    """A signed announcement with fields that the model itself would refuse."""
    return signed(json.dumps(json.loads(announcement().model_dump_json()) | fields))


def test_what_the_key_has_signed_is_read() -> None:
    assert opened(document(), public()) == announcement()


def test_another_keys_signature_is_none() -> None:
    with pytest.raises(NotSigned, match="not signed by the key of this build"):
        opened(document(key=OTHER_KEY), public())


DOCUMENT = document()


@given(place=st.integers(0, len(DOCUMENT) - 1), bit=st.integers(0, 7))
def test_one_altered_bit_is_refused_or_changes_nothing(place: int, bit: int) -> None:
    altered = bytearray(DOCUMENT)
    altered[place] ^= 1 << bit
    try:
        read = opened(bytes(altered), public())
    except NotSigned:
        return
    assert read == announcement(), "blanks between the parts are not signed"


def test_a_signature_over_the_text_alone_is_none() -> None:
    """The key may sign other things; none of them becomes an announcement."""
    text = announcement().model_dump_json()
    with pytest.raises(NotSigned):
        opened(signed(text, b""), public())
    assert opened(signed(text), public()) == announcement()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"null", b"<html>", b"\xff\xfe", b"[" * 60_000,
        b'{"announcement": "{}", "signature": "!"}',
        b'{"announcement": "\\ud800", "signature": ""}',
        b'{"announcement": 1, "signature": ""}',
    ],
)  # fmt: skip
def test_what_is_no_announcement_is_not_signed(body: bytes) -> None:
    with pytest.raises(NotSigned):
        opened(body, public())


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"version": "0.2"}, "version"),
        ({"version": "0.2.0\n"}, "version"),
        ({"version": "00.2.0"}, "version"),
        ({"format": 2}, "format"),
        ({"date": "2026-11-20T12:00:00"}, "date"),
        ({"changes": {"en": "\x1b[2J"}}, "changes.en"),
        ({"changes": {"en": "a" * 3000}}, "changes.en"),
        ({"files": {"linux/amd64": {"url": "https://a.org/x"}}}, "files.linux/amd64.sha256"),
    ],
)
def test_a_signed_text_that_is_not_understood_is_told_by_its_field(
    fields: dict[str, object], named: str
) -> None:
    with pytest.raises(AnnouncementUnreadable) as caught:
        opened(told(**fields), public())
    assert named in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/app.tar.gz",
        "ftp://example.org/app.tar.gz",
        "file:///etc/passwd",
        "https://example.org/",
        "https://example.org/..",
        "https://example.org/.bashrc",
        "https:///app.tar.gz",
    ],
)
def test_a_file_is_announced_over_https_and_with_a_name(url: str) -> None:
    file = {"url": url, "sha256": "a" * 64, "size": 1}
    with pytest.raises(AnnouncementUnreadable):
        opened(told(files={"linux/amd64": file}), public())


def test_what_a_later_version_adds_is_passed_over() -> None:
    assert opened(told(novel={"a": 1}), public()) == announcement()
