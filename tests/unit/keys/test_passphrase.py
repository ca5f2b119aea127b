# SPDX-License-Identifier: Apache-2.0
"""Weak passphrases are refused in words; what is typed means the same on every keyboard."""

from __future__ import annotations

import pytest

from node_manager.keys.errors import PassphraseUnusable, PassphraseWeak
from node_manager.keys.passphrase import MAXIMUM_LENGTH, encode, require_strong, strength
from node_manager.keys.protection import Passphrase
from node_manager.keys.secret import SecretBytes
from tests.unit.keys.material import OTHER, STRONG


@pytest.mark.parametrize(
    "text",
    ["", "x", "password", "password1234", "aaaaaaaaaaaaaaaaaaaa", "omniphivalidator", "x7$Kq!z"],
)
def test_weak_ones_are_refused(text: str) -> None:
    assert not strength(text).acceptable
    with pytest.raises(PassphraseWeak):
        require_strong(text)


@pytest.mark.parametrize(
    "text", [STRONG, OTHER, "t7#Vq9!mZ2@xLp4w", "кремень выдра фонарь мозаика"]
)
def test_strong_ones_are_taken(text: str) -> None:
    judged = strength(text)
    assert judged.acceptable
    assert judged.score >= 3
    require_strong(text)


def test_a_short_one_says_that_it_is_short() -> None:
    judged = strength("x7$Kq!z")
    assert judged.words == "too short"
    assert judged.score < 3


def test_the_refusal_does_not_repeat_the_passphrase() -> None:
    with pytest.raises(PassphraseWeak) as caught:
        require_strong("password1234")
    assert "password1234" not in repr(caught.value)


def test_a_very_long_one_is_judged_at_once() -> None:
    assert strength("correct horse " * 70).score >= 0


def test_the_same_letters_are_the_same_passphrase_however_they_are_composed() -> None:
    assert encode("sch\u00f6n") == encode("scho\u0308n")


def test_a_passphrase_may_arrive_as_bytes() -> None:
    text = "sch\u00f6n und gut"
    assert Passphrase(SecretBytes(text.encode()))._secret == Passphrase(text)._secret


@pytest.mark.parametrize("text", ["", "x" * (MAXIMUM_LENGTH + 1), "\ud800"])
def test_what_is_no_passphrase_is_refused(text: str) -> None:
    with pytest.raises(PassphraseUnusable):
        Passphrase(text)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(PassphraseUnusable):
        Passphrase(SecretBytes(b"\xff\xfe"))


def test_a_passphrase_is_hidden_and_wiped() -> None:
    with Passphrase(STRONG) as passphrase:
        assert STRONG not in repr(passphrase)
        assert STRONG not in str(passphrase)
    with pytest.raises(ValueError, match="wiped"):
        passphrase.require_strong()
