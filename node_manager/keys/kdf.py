# SPDX-License-Identifier: Apache-2.0
"""From a passphrase to a key: Argon2id (RFC 9106) with parameters that can be raised later."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from typing import Annotated, Literal

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from node_manager.keys.consensus import decode_base64
from node_manager.keys.errors import KdfOutOfBounds, MemoryShort
from node_manager.keys.secret import SecretBytes

KEY_SIZE = 32
SALT_SIZE = 16
FLOOR_KIB = 64 * 1024
"""Below 64 MiB a passphrase can be guessed too cheaply: never written, never opened."""

CEILING_KIB = 1024 * 1024
"""Above 1 GiB a file could exhaust the memory of a small computer: never opened."""

CEILING_WORK_KIB = 8 * CEILING_KIB
"""Memory times iterations: bounds the time that a file can cost (about a minute)."""


@dataclass(frozen=True, slots=True)
class KdfPolicy:
    """How costly new files are made, and the least that is accepted.

    The default is RFC 9106's second recommendation (3 passes, 4 lanes) with twice its memory.
    """

    memory_kib: int = 128 * 1024
    iterations: int = 3
    lanes: int = 4
    floor_kib: int = FLOOR_KIB


PRODUCT_POLICY = KdfPolicy()


class Argon2Parameters(BaseModel):
    """The parameters as they stand in a file."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Literal["argon2id"] = "argon2id"
    memory_kib: int = Field(gt=0)
    iterations: int = Field(gt=0)
    lanes: int = Field(gt=0, le=16)
    salt: Annotated[str, StringConstraints(max_length=128)]


def new_parameters(policy: KdfPolicy) -> Argon2Parameters:
    """Parameters for one new file, with a salt of its own."""
    return Argon2Parameters(
        memory_kib=policy.memory_kib,
        iterations=policy.iterations,
        lanes=policy.lanes,
        salt=base64.b64encode(os.urandom(SALT_SIZE)).decode(),
    )


def derive_key(
    passphrase: SecretBytes, parameters: Argon2Parameters, policy: KdfPolicy
) -> SecretBytes:
    """The 32-byte key of `passphrase`. Takes its memory and a good part of a second: off the loop.

    Raises:
        KdfOutOfBounds: the parameters are below the floor or above the ceiling.
        MemoryShort: the memory is not there.
    """
    _check_bounds(parameters, policy)
    try:
        salt = decode_base64(parameters.salt)
        if len(salt) < SALT_SIZE:
            raise ValueError("the salt is too short")
        kdf = Argon2id(
            salt=salt,
            length=KEY_SIZE,
            iterations=parameters.iterations,
            lanes=parameters.lanes,
            memory_cost=parameters.memory_kib,
        )
    except ValueError as error:
        raise KdfOutOfBounds(reason=f"{error}.".capitalize()) from None
    key = SecretBytes.blank(KEY_SIZE)
    try:
        with passphrase.view() as material, key.view() as target:
            # The stub asks for bytes; any buffer is taken, and a view makes no copy.
            kdf.derive_into(material, target)  # type: ignore[arg-type]
    except MemoryError:
        raise MemoryShort(mebibytes=parameters.memory_kib // 1024) from None
    return key


def _check_bounds(parameters: Argon2Parameters, policy: KdfPolicy) -> None:
    if parameters.memory_kib < policy.floor_kib:
        raise KdfOutOfBounds(
            reason=f"It uses {parameters.memory_kib} KiB of memory; "
            f"less than {policy.floor_kib} KiB makes guessing cheap."
        )
    work = parameters.memory_kib * parameters.iterations
    if parameters.memory_kib > CEILING_KIB or work > CEILING_WORK_KIB:
        raise KdfOutOfBounds(
            reason=f"It wants {parameters.memory_kib} KiB of memory {parameters.iterations} times "
            "over, more than this app ever writes; opening it could exhaust this computer."
        )
