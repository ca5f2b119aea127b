# SPDX-License-Identifier: Apache-2.0
"""Each check of a cluster lock: hashes, key shares, and everything that was signed over them."""

from __future__ import annotations

from collections.abc import Iterator

from eth_keys.exceptions import BadSignature
from eth_keys.main import lazy_key_api as keys
from eth_utils.exceptions import ValidationError

from node_manager.obol.cluster import bls, hashes, ssz
from node_manager.obol.cluster.documents import DepositData, DistributedValidator, Lock
from node_manager.obol.cluster.verification import Check, Verification, result, verify_definition
from node_manager.obol.errors import EnrNotReadable
from node_manager.obol.keys.enr import read_enr


def verify_lock(
    lock: Lock,
    *,
    network: str = "",
    config_hash: str = "",
    allow_unsigned: bool = False,
    contracts_checked_later: bool = False,
) -> Verification:
    """Check a lock; the arguments are those of `verify_definition`."""
    definition = verify_definition(
        lock.definition,
        network=network,
        config_hash=config_hash,
        allow_unsigned=allow_unsigned,
        contracts_checked_later=contracts_checked_later,
    )
    checks = [*definition.checks, *lock_hashes(lock), _shares(lock), _aggregate(lock)]
    if lock.definition.minor >= 7:
        checks.append(_registrations(lock))
        checks.extend(_node_signatures(lock))
    if lock.definition.minor >= 6:
        checks.append(_deposits(lock))
    return Verification("lock", tuple(checks))


def lock_hashes(lock: Lock) -> Iterator[Check]:
    """The lock hash, recomputed, and that there are as many validators as were agreed."""
    try:
        found = hashes.lock_hash(lock)
    except ValueError as error:
        yield result("lock-hash", "Lock hash", False, f"A field has an impossible size: {error}.")
        return
    yield result(
        "lock-hash",
        "Lock hash",
        found == lock.lock_hash,
        f"It says 0x{lock.lock_hash.hex()}, and its content gives 0x{found.hex()}.",
    )
    agreed, there = lock.definition.num_validators, len(lock.distributed_validators)
    yield result(
        "lock-validators",
        "Validators of the lock",
        agreed == there,
        f"{agreed} were agreed, and the lock has {there}.",
    )


def _shares(lock: Lock) -> Check:
    operators, threshold = len(lock.definition.operators), lock.definition.threshold
    seen: set[bytes] = set()
    wrong = []
    for number, validator in enumerate(lock.distributed_validators, 1):
        key = validator.distributed_public_key
        right = (
            len(validator.public_shares) == operators
            and key not in seen
            and bls.shares_make(key, validator.public_shares, threshold)
        )
        seen.add(key)
        if not right:
            wrong.append(number)
    return result(
        "public-shares",
        "Key shares make each validator's key",
        not wrong,
        f"Those of validator {_few(wrong)} do not.",
    )


def _aggregate(lock: Lock) -> Check:
    shares = [share for one in lock.distributed_validators for share in one.public_shares]
    return result(
        "signature-aggregate",
        "Signature of the lock by all key shares",
        bls.fast_aggregate_verify(shares, lock.lock_hash, lock.signature_aggregate),
        "It is not the signature of these key shares.",
    )


def _node_signatures(lock: Lock) -> Iterator[Check]:
    operators = lock.definition.operators
    if len(lock.node_signatures) != len(operators):
        yield result(
            "node-signatures",
            "Signatures of the lock by the nodes",
            False,
            f"There are {len(lock.node_signatures)} for {len(operators)} operators.",
        )
        return
    for number, (operator, signature) in enumerate(
        zip(operators, lock.node_signatures, strict=True), 1
    ):
        yield result(
            f"node-{number}-signature",
            f"Signature of the lock by the node of operator {number}",
            _signed_by(operator.enr, lock.lock_hash, signature),
            "It is not the signature of the key in its ENR.",
        )


def _signed_by(enr: str, digest: bytes, signature: bytes) -> bool:
    """Whether the key of `enr` signed the 32 bytes `digest` as they are."""
    if len(signature) != 65 or signature[64] not in {0, 1, 27, 28} or len(digest) != 32:
        return False
    try:
        expected = read_enr(enr).public_key
        found = keys.Signature(
            signature[:64] + bytes([signature[64] % 27])
        ).recover_public_key_from_msg_hash(digest)
    except (EnrNotReadable, BadSignature, ValidationError, ValueError):
        return False
    return bool(found.to_compressed_bytes() == expected)


def _registrations(lock: Lock) -> Check:
    wrong = []
    addresses = lock.definition.validators
    for number, validator in enumerate(lock.distributed_validators, 1):
        agreed = addresses[number - 1].fee_recipient_address if number <= len(addresses) else ""
        if not _registration_right(validator, agreed, lock.definition.fork_version):
            wrong.append(number)
    return result(
        "builder-registrations",
        "Registrations with block builders",
        not wrong,
        f"That of validator {_few(wrong)} is not signed by its key for the agreed fee recipient.",
    )


def _registration_right(validator: DistributedValidator, agreed: str, fork: bytes) -> bool:
    registration = validator.builder_registration
    message = registration.message
    if (
        f"0x{message.fee_recipient.hex()}" != agreed.lower()
        or message.pubkey != validator.distributed_public_key
        or len(fork) != 4
    ):
        return False
    root = ssz.container(
        ssz.vector(message.fee_recipient),
        ssz.uint64(message.gas_limit),
        ssz.uint64(message.timestamp),
        ssz.vector(message.pubkey),
    )
    signed = bls.signing_root(root, bls.DOMAIN_BUILDER, fork)
    return bls.verify(message.pubkey, signed, registration.signature)


def _deposits(lock: Lock) -> Check:
    wrong = []
    addresses = lock.definition.validators
    for number, validator in enumerate(lock.distributed_validators, 1):
        agreed = addresses[number - 1].withdrawal_address if number <= len(addresses) else ""
        deposits = list(validator.partial_deposit_data)
        if validator.deposit_data is not None and validator.deposit_data.signature:
            deposits.append(validator.deposit_data)
        if not all(_deposit_right(one, validator, agreed, lock) for one in deposits):
            wrong.append(number)
    return result(
        "deposits",
        "Deposits go to the agreed withdrawal addresses",
        not wrong,
        f"That of validator {_few(wrong)} is not signed by its key for the agreed address.",
    )


def _deposit_right(
    deposit: DepositData, validator: DistributedValidator, agreed: str, lock: Lock
) -> bool:
    credentials = deposit.withdrawal_credentials
    kind = 2 if lock.definition.compounding else 1
    if (
        deposit.pubkey != validator.distributed_public_key
        or len(lock.definition.fork_version) != 4
        or f"0x{credentials[12:].hex()}" != agreed.lower()
        or credentials[:12] != bytes([kind]) + bytes(11)
    ):
        return False
    root = ssz.container(
        ssz.vector(deposit.pubkey), ssz.vector(credentials), ssz.uint64(deposit.amount)
    )
    signed = bls.signing_root(root, bls.DOMAIN_DEPOSIT, lock.definition.fork_version)
    return bls.verify(deposit.pubkey, signed, deposit.signature)


def _few(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:5])
    return f"{shown} and others" if len(numbers) > 5 else shown
