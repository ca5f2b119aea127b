# SPDX-License-Identifier: Apache-2.0
"""Config hash, definition hash and lock hash, recomputed for the versions v1.5 to v1.11.

Container order and limits: Obol's cluster configuration specification; held against charon's
published test vectors of every version. Bytes shorter than their vector are padded on the left.
"""

from __future__ import annotations

from node_manager.obol.cluster import ssz
from node_manager.obol.cluster.documents import (
    BuilderRegistration,
    Definition,
    DepositData,
    DistributedValidator,
    Lock,
    Operator,
)

MAX_OPERATORS = 256
MAX_VALIDATORS = 65536
MAX_AMOUNTS = 256
MAX_SIGNATURES = 32
SIGNATURE = 65
BLS_KEY, BLS_SIGNATURE = 48, 96


def config_hash(definition: Definition) -> bytes:
    """What the creator fixed: everything but ENRs and signatures.

    Raises:
        ValueError: a field is larger than the format allows.
    """
    return _definition_root(definition, config_only=True)


def definition_hash(definition: Definition) -> bytes:
    """Everything: also ENRs, signatures and the config hash as written.

    Raises:
        ValueError: a field is larger than the format allows.
    """
    return _definition_root(definition, config_only=False)


def lock_hash(lock: Lock) -> bytes:
    """The definition and all public keys with their deposits and registrations.

    Raises:
        ValueError: a field is larger than the format allows.
    """
    minor = lock.definition.minor
    roots = [_validator_root(one, minor) for one in lock.distributed_validators]
    return ssz.container(definition_hash(lock.definition), ssz.listing(roots, MAX_VALIDATORS))


def _definition_root(definition: Definition, *, config_only: bool) -> bytes:
    minor = definition.minor
    fields = [
        ssz.byte_list(definition.uuid.encode(), 64),
        ssz.byte_list(definition.name.encode(), 256),
        ssz.byte_list(definition.version.encode(), 16),
        ssz.byte_list(definition.timestamp.encode(), 32),
        ssz.uint64(definition.num_validators),
        ssz.uint64(definition.threshold),
        ssz.byte_list(definition.dkg_algorithm.encode(), 32),
        _vector(definition.fork_version, 4),
        ssz.listing(
            [_operator_root(one, minor, config_only) for one in definition.operators],
            MAX_OPERATORS,
        ),
        _creator_root(definition, minor, config_only),
        ssz.listing(
            [
                ssz.container(_address(one.fee_recipient_address), _address(one.withdrawal_address))
                for one in definition.validators
            ],
            MAX_VALIDATORS,
        ),
    ]
    if minor >= 8:
        fields.append(ssz.uint64_list(definition.deposit_amounts, MAX_AMOUNTS))
    if minor >= 9:
        fields.append(ssz.byte_list(definition.consensus_protocol.encode(), 256))
    if minor >= 10:
        fields.append(ssz.uint64(definition.target_gas_limit))
        fields.append(ssz.boolean(definition.compounding))
    if not config_only:
        fields.append(_vector(definition.config_hash, 32))
    return ssz.container(*fields)


def _operator_root(operator: Operator, minor: int, config_only: bool) -> bytes:
    address = _address(operator.address)
    if config_only:
        return ssz.container(address)
    return ssz.container(
        address,
        ssz.byte_list(operator.enr.encode(), 1024),
        _signature(operator.config_signature, minor),
        _signature(operator.enr_signature, minor),
    )


def _creator_root(definition: Definition, minor: int, config_only: bool) -> bytes:
    address = _address(definition.creator.address)
    if config_only:
        return ssz.container(address)
    return ssz.container(address, _signature(definition.creator.config_signature, minor))


def _signature(signature: bytes, minor: int) -> bytes:
    """One signature; from v1.11 on a list of them (a shared wallet's)."""
    if minor < 11:
        return _vector(signature, SIGNATURE)
    if len(signature) % SIGNATURE:
        raise ValueError(f"a signature of {len(signature)} bytes")
    parts = [signature[i : i + SIGNATURE] for i in range(0, len(signature), SIGNATURE)]
    return ssz.listing([ssz.vector(part) for part in parts], MAX_SIGNATURES)


def _validator_root(validator: DistributedValidator, minor: int) -> bytes:
    fields = [
        _vector(validator.distributed_public_key, BLS_KEY),
        ssz.listing([_vector(one, BLS_KEY) for one in validator.public_shares], MAX_OPERATORS),
    ]
    if minor == 6:
        # this version's rule: the four fields stand in the validator, without a root of their own
        fields.extend(_deposit_fields(validator.deposit_data or DepositData()))
    elif minor == 7:
        fields.append(ssz.container(*_deposit_fields(validator.deposit_data or DepositData())))
    elif minor >= 8:
        roots = [ssz.container(*_deposit_fields(one)) for one in validator.partial_deposit_data]
        fields.append(ssz.listing(roots, MAX_AMOUNTS))
    if minor >= 7:
        fields.append(_registration_root(validator.builder_registration))
    return ssz.container(*fields)


def _deposit_fields(deposit: DepositData) -> list[bytes]:
    return [
        _vector(deposit.pubkey, BLS_KEY),
        _vector(deposit.withdrawal_credentials, 32),
        ssz.uint64(deposit.amount),
        _vector(deposit.signature, BLS_SIGNATURE),
    ]


def _registration_root(registration: BuilderRegistration) -> bytes:
    message = registration.message
    fields = [
        ssz.uint64(message.gas_limit),
        ssz.uint64(message.timestamp),
        _vector(message.pubkey, BLS_KEY),
    ]
    if message.fee_recipient:  # an absent one takes no place in the tree
        fields.insert(0, _exactly(message.fee_recipient, 20))
    return ssz.container(ssz.container(*fields), _vector(registration.signature, BLS_SIGNATURE))


def _address(text: str) -> bytes:
    return _vector(bytes.fromhex(text[2:]) if text else b"", 20)


def _exactly(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise ValueError(f"{len(data)} bytes where {size} are meant")
    return ssz.vector(data)


def _vector(data: bytes, size: int) -> bytes:
    if len(data) > size:
        raise ValueError(f"{len(data)} bytes where {size} are allowed")
    return ssz.vector(data.rjust(size, b"\0"))
