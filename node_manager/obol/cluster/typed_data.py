# SPDX-License-Identifier: Apache-2.0
"""EIP-712 messages that creator and operators sign with their cold keys, and who signed them.

Domain `{name: "Obol", version: "1", chainId}`; one string field a message.
"""

from __future__ import annotations

import sys
import threading
from enum import Enum
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eth_account.messages import SignableMessage

SIGNATURE = 65

_loading = threading.Lock()


class Statement(Enum):
    """What is signed: the type's name and its only field."""

    CREATOR_CONFIG = ("CreatorConfigHash", "creator_config_hash")
    OPERATOR_CONFIG = ("OperatorConfigHash", "operator_config_hash")
    ENR = ("ENR", "enr")


def statement(kind: Statement, value: str, chain_id: int) -> SignableMessage:
    """The message to be signed; `value` is `0x…` of a config hash, or an ENR."""
    name, field = kind.value
    message: SignableMessage = _eth_account().messages.encode_typed_data(
        domain_data={"name": "Obol", "version": "1", "chainId": chain_id},
        message_types={name: [{"name": field, "type": "string"}]},
        message_data={field: value},
    )
    return message


def signer_of(message: SignableMessage, signature: bytes) -> str | None:
    """The address that signed; None when this is no signature of anybody."""
    from eth_keys.exceptions import BadSignature
    from eth_utils.exceptions import ValidationError

    if len(signature) != SIGNATURE or signature[64] not in {0, 1, 27, 28}:
        return None
    usual = signature[:64] + bytes([signature[64] % 27 + 27])
    try:
        return str(_eth_account().Account.recover_message(message, signature=usual))
    except (BadSignature, ValidationError, ValueError):
        return None


def _eth_account() -> ModuleType:
    """The library, loaded at its first use.

    Loading it raises the interpreter's recursion limit to 100,000 (py_ecc/__init__.py, by way of
    eth_keyfile), with which a hostile document of deeply nested JSON ends the whole app instead
    of meeting RecursionError. The limit is put back.
    """
    with _loading:
        limit = sys.getrecursionlimit()
        try:
            import eth_account.messages
        finally:
            sys.setrecursionlimit(limit)
    return eth_account


def warm_up() -> None:
    """Load the libraries (about a second), so that the first signature is checked at once."""
    signer_of(statement(Statement.ENR, "enr:", 1), bytes([1]) * 64 + b"\x1b")
