# SPDX-License-Identifier: Apache-2.0
"""The operating system's keyring, and only one that guards what it is given."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Protocol

import structlog

from node_manager.keys.errors import KeyringInsecure, KeyringUnavailable
from node_manager.runtime.own_command import NO_SESSION_BUS, SESSION_BUS

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

log = structlog.get_logger(__name__)

SERVICE = "oneclick-validator"

_SECURE = {
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
}
"""The back ends that encrypt at rest under the user's login; any other is refused by default."""

_CHAINER = "keyring.backends.chainer"
_IN_WORDS = {
    "keyring.backends.fail": "none at all",
    "keyring.backends.null": "one that forgets everything",
}


class WrappingKeys(Protocol):
    """Where wrapping keys are kept, by account; the texts are secrets."""

    def get(self, account: str) -> str | None:
        """The text kept for `account`, None when there is none."""

    def put(self, account: str, text: str) -> None:
        """Keep `text` for `account`."""

    def delete(self, account: str) -> None:
        """Forget `account`; it is no error when there is nothing."""


class SystemKeyring:
    """Secret Service, KWallet, macOS Keychain or Windows Credential Locker. Calls block.

    Raises (every method):
        KeyringInsecure: this system has only a back end that does not guard its content.
        KeyringUnavailable: the keyring is locked, was refused by the person, or does not answer.
    """

    def get(self, account: str) -> str | None:
        """The text kept for `account`, None when there is none."""
        backend = secure_backend()
        try:
            return backend.get_password(SERVICE, account)
        except Exception as error:  # noqa: BLE001  (back ends raise what their platform raises)
            raise _unavailable(error) from None

    def put(self, account: str, text: str) -> None:
        """Keep `text` for `account`."""
        backend = secure_backend()
        try:
            backend.set_password(SERVICE, account, text)
        except Exception as error:  # noqa: BLE001
            raise _unavailable(error) from None

    def delete(self, account: str) -> None:
        """Forget `account`; it is no error when there is nothing."""
        from keyring.errors import PasswordDeleteError

        backend = secure_backend()
        try:
            backend.delete_password(SERVICE, account)
        except PasswordDeleteError:
            return
        except Exception as error:  # noqa: BLE001
            raise _unavailable(error) from None


def secure_backend() -> KeyringBackend:
    """The system's keyring back end, a secure one.

    Raises:
        KeyringInsecure: there is none but an insecure one.
        KeyringUnavailable: no desktop session in which a keyring could answer.
    """
    bus = os.environ.get(SESSION_BUS, "")
    if sys.platform == "linux" and bus in ("", NO_SESSION_BUS):
        # Without a session bus some back ends start one that outlives this app.
        raise KeyringUnavailable(reason="There is no desktop session (no D-Bus session bus).")
    import keyring

    chosen = keyring.get_keyring()
    for backend in _members(chosen):
        if _module(backend) in _SECURE:
            return backend
    raise KeyringInsecure(backend=_IN_WORDS.get(_module(chosen), _module(chosen)))


def _members(backend: KeyringBackend) -> list[KeyringBackend]:
    """The chainer's own back ends: used one by one, as it falls through to insecure ones."""
    return list(backend.backends) if _module(backend) == _CHAINER else [backend]  # type: ignore[attr-defined]


def _module(backend: KeyringBackend) -> str:
    return type(backend).__module__


def _unavailable(error: Exception) -> KeyringUnavailable:
    return KeyringUnavailable(reason=f"{type(error).__name__}: {error}")
