# SPDX-License-Identifier: Apache-2.0
"""Cluster definition and cluster lock as files and answers hold them, versions v1.5 to v1.11.

Shapes: Obol's documentation of charon's cluster configuration, and the recorded files of the
tests. Unsigned fields are "" or null. Unknown fields are refused in neither; the hashes cover
what counts.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from node_manager.obol.errors import DocumentNotUnderstood, VersionNotSupported

VERSIONS = tuple(f"v1.{minor}.0" for minor in range(5, 12))
MAX_BYTES = 32 * 1024 * 1024
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_HEX = re.compile(r"0x([0-9a-fA-F]{2})*")


def _bytes(value: object) -> object:
    if value is None or value == "":
        return b""
    if isinstance(value, str) and _HEX.fullmatch(value):
        return bytes.fromhex(value[2:])
    if isinstance(value, bytes):
        return value
    raise ValueError("it is not hexadecimal with 0x")


def _address(value: object) -> object:
    if value is None or value == "":
        return ""
    if isinstance(value, str) and _ADDRESS.fullmatch(value):
        return value
    raise ValueError("it is not an Ethereum address")


def _number(value: object) -> object:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value


def _nothing_as_empty(value: object) -> object:
    return [] if value is None else value


D = TypeVar("D", bound=BaseModel)
Hex = Annotated[bytes, BeforeValidator(_bytes)]
Address = Annotated[str, BeforeValidator(_address)]
Number = Annotated[int, BeforeValidator(_number), Field(ge=0, lt=1 << 64)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)


class Creator(_Part):
    """Who made the definition; empty in an unsigned one."""

    address: Address = ""
    config_signature: Hex = b""


class Operator(_Part):
    """One operator: its cold address, its node's ENR and its two signatures."""

    address: Address = ""
    enr: Annotated[str, BeforeValidator(lambda value: "" if value is None else value)] = ""
    config_signature: Hex = b""
    enr_signature: Hex = b""

    @property
    def signed(self) -> bool:
        """Whether it has everything that a DKG needs of it (not whether that is right)."""
        return bool(self.enr and self.config_signature and self.enr_signature)


class ValidatorAddresses(_Part):
    """Where one validator's rewards and its withdrawn stake go."""

    fee_recipient_address: Address = ""
    withdrawal_address: Address = ""


class Definition(_Part):
    """What a cluster is to be, before its keys exist.

    Attributes:
        deposit_amounts: gwei, from v1.8 on.
    """

    name: str = ""
    uuid: str
    creator: Creator = Creator()
    version: str
    num_validators: Number
    threshold: Number
    dkg_algorithm: str
    fork_version: Hex
    timestamp: str = ""
    operators: list[Operator]
    validators: list[ValidatorAddresses]
    deposit_amounts: Annotated[list[Number], BeforeValidator(_nothing_as_empty)] = []
    consensus_protocol: str = ""
    target_gas_limit: Number = 0
    compounding: bool = False
    config_hash: Hex
    definition_hash: Hex = b""

    @property
    def minor(self) -> int:
        """Of the version: 10 of v1.10.0."""
        return int(self.version.split(".")[1])

    @property
    def unsigned(self) -> bool:
        """Whether nobody signed it: neither creator nor any operator (one person's cluster)."""
        return not (self.creator.address or self.creator.config_signature) and not any(
            one.address or one.config_signature or one.enr_signature for one in self.operators
        )

    @property
    def fully_signed(self) -> bool:
        """Whether every operator has given ENR and signatures."""
        return bool(self.operators) and all(operator.signed for operator in self.operators)


class DepositData(_Part):
    """A deposit message with its signature; amount in gwei."""

    pubkey: Hex = b""
    withdrawal_credentials: Hex = b""
    amount: Number = 0
    signature: Hex = b""


class Registration(_Part):
    """What is told to block builders; timestamp in Unix seconds."""

    fee_recipient: Hex = b""
    gas_limit: Number = 0
    timestamp: Number = 0
    pubkey: Hex = b""


class BuilderRegistration(_Part):
    """A registration with its signature."""

    message: Registration = Registration()
    signature: Hex = b""


class DistributedValidator(_Part):
    """One validator of the cluster: its key and each operator's share of it."""

    distributed_public_key: Hex
    public_shares: list[Hex]
    deposit_data: DepositData | None = None
    partial_deposit_data: Annotated[list[DepositData], BeforeValidator(_nothing_as_empty)] = []
    builder_registration: BuilderRegistration = BuilderRegistration()


class Lock(_Part):
    """A cluster whose keys exist: the definition and what the DKG made of it."""

    definition: Definition = Field(alias="cluster_definition")
    distributed_validators: list[DistributedValidator]
    signature_aggregate: Hex = b""
    lock_hash: Hex
    node_signatures: Annotated[list[Hex], BeforeValidator(_nothing_as_empty)] = []


def parse_definition(content: str | bytes | dict[str, Any]) -> Definition:
    """Read a definition.

    Raises:
        DocumentNotUnderstood, VersionNotSupported: it cannot be one that we check.
    """
    raw = _object(content, "definition")
    _require_version(raw.get("version"), "definition")
    return _validated(Definition, raw, "definition")


def parse_lock(content: str | bytes | dict[str, Any]) -> Lock:
    """Read a lock.

    Raises:
        DocumentNotUnderstood, VersionNotSupported: it cannot be one that we check.
    """
    raw = _object(content, "lock")
    inner = raw.get("cluster_definition")
    _require_version(inner.get("version") if isinstance(inner, dict) else None, "lock")
    return _validated(Lock, raw, "lock")


def read_lock(path: Path) -> Lock:
    """Read a lock file. Blocks for the disk.

    Raises:
        DocumentNotUnderstood, VersionNotSupported: it cannot be one that we check.
    """
    return parse_lock(_content(path, "lock"))


def read_definition(path: Path) -> Definition:
    """Read a definition file. Blocks for the disk.

    Raises:
        DocumentNotUnderstood, VersionNotSupported: it cannot be one that we check.
    """
    return parse_definition(_content(path, "definition"))


def read_content(path: Path) -> bytes:
    """The bytes of a definition file. Blocks for the disk.

    Raises:
        DocumentNotUnderstood: it is not there, or far too large.
    """
    return _content(path, "definition")


def _content(path: Path, document: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentNotUnderstood(
            document=document, reason=f"{path}: {error.strerror or error}"
        ) from error


def _object(content: str | bytes | dict[str, Any], document: str) -> dict[str, Any]:
    if isinstance(content, dict):
        return content
    if len(content) > MAX_BYTES:
        raise DocumentNotUnderstood(document=document, reason="It is far too large.")
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DocumentNotUnderstood(document=document, reason=f"It is not JSON: {error}") from None
    if not isinstance(raw, dict):
        raise DocumentNotUnderstood(document=document, reason="It is not a JSON object.")
    return raw


def _require_version(version: object, document: str) -> None:
    if version not in VERSIONS:
        raise VersionNotSupported(document=document, version=str(version)[:40])


def _validated(kind: type[D], raw: dict[str, Any], document: str) -> D:
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DocumentNotUnderstood(
            document=document, reason=f"Wrong at {place}: {first['msg']}."
        ) from None
