# SPDX-License-Identifier: Apache-2.0
"""Only a keyring that guards its content is used; others are named and refused."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import ClassVar

import keyring as keyring_library
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import SecretService, chainer, fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError

from node_manager.keys.errors import KeyringInsecure, KeyringUnavailable
from node_manager.keys.keystore import protection_of
from node_manager.keys.system_keyring import SystemKeyring, secure_backend
from node_manager.runtime.own_command import NO_SESSION_BUS


class Plaintext(KeyringBackend):
    priority = 1

    def get_password(self, service: str, username: str) -> None:
        raise AssertionError("a plaintext keyring must not be asked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("a plaintext keyring must not be given anything")


Plaintext.__module__ = "keyrings.alt.file"


class Chain(chainer.ChainerBackend):
    backends: ClassVar[list[KeyringBackend]] = []


Chain.__module__ = "keyring.backends.chainer"


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch):
    """Make a back end the system's; a session bus is said to be there."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")

    def chosen(backend: KeyringBackend) -> None:
        monkeypatch.setattr(keyring_library, "get_keyring", lambda: backend)

    return chosen


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        (fail.Keyring(), "none at all"),
        (null.Keyring(), "forgets everything"),
        (Plaintext(), "keyrings.alt.file"),
        (Chain(), "keyring.backends.chainer"),
    ],
)
def test_insecure_ones_are_refused_by_name(use, backend: KeyringBackend, words: str) -> None:
    use(backend)
    with pytest.raises(KeyringInsecure, match=words) as caught:
        SystemKeyring().put("node", "wrapping key")
    assert "passphrase" in caught.value.explanation.filled()[2]
    assert protection_of() == "passphrase"


def test_a_chain_of_only_insecure_ones_is_refused(use) -> None:
    chain = Chain()
    chain.__class__.backends = [Plaintext()]
    use(chain)
    with pytest.raises(KeyringInsecure):
        secure_backend()


def test_the_secure_one_in_a_chain_is_used_and_nothing_falls_through(use) -> None:
    class Refusing(KeyringBackend):
        priority = 5

        def get_password(self, service: str, username: str) -> None:
            raise KeyringLocked("the person said no")

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

    Refusing.__module__ = SecretService.__name__
    chain = Chain()
    chain.__class__.backends = [Plaintext(), Refusing()]
    use(chain)
    assert protection_of() == "keyring"
    with pytest.raises(KeyringUnavailable, match="said no"):
        SystemKeyring().get("node")
    with pytest.raises(KeyringUnavailable):
        SystemKeyring().put("node", "wrapping key")


def test_deleting_what_is_not_there_is_no_error(use) -> None:
    class Empty(KeyringBackend):
        priority = 5

        def get_password(self, service: str, username: str) -> None:
            return None

        def set_password(self, service: str, username: str, password: str) -> None: ...

        def delete_password(self, service: str, username: str) -> None:
            raise PasswordDeleteError("no such password")

    Empty.__module__ = SecretService.__name__
    use(Empty())
    SystemKeyring().delete("node")
    assert SystemKeyring().get("node") is None


@pytest.mark.skipif(sys.platform != "linux", reason="D-Bus is Linux'")
@pytest.mark.parametrize("bus", ["", NO_SESSION_BUS])
def test_without_a_desktop_session_no_backend_is_even_looked_for(
    bus: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)

    def looked() -> ModuleType:
        raise AssertionError("a back end might start a bus that outlives the app")

    monkeypatch.setattr(keyring_library, "get_keyring", looked)
    with pytest.raises(KeyringUnavailable, match="no desktop session"):
        secure_backend()
