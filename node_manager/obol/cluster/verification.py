# SPDX-License-Identifier: Apache-2.0
"""Each check of a definition or a lock, as a result that is shown.

Off the loop: a cluster of many validators takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from node_manager.obol.cluster import hashes
from node_manager.obol.cluster.documents import Definition, Operator
from node_manager.obol.cluster.ethereum import network_of
from node_manager.obol.cluster.typed_data import SIGNATURE, Statement, signer_of, statement
from node_manager.obol.errors import EnrNotReadable, VerificationRefused
from node_manager.obol.keys.enr import read_enr


class CheckState(StrEnum):
    """UNKNOWN is for what cannot be checked here, with the reason."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        id: stable name: "config-hash", "operator-2-enr-signature".
        title: what was checked, a few words.
        reason: why it failed or is unknown, empty when it is right.
        needed: whether nothing may start while it is unknown.
    """

    id: str
    title: str
    state: CheckState
    reason: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Verification:
    """All checks of one document; `document` is "definition" or "lock"."""

    document: str
    checks: tuple[Check, ...]

    @property
    def refusal(self) -> Check | None:
        """The first check for which nothing may be started, None when all is right."""
        failed = [check for check in self.checks if check.state is CheckState.FAILED]
        unknown = [
            check for check in self.checks if check.state is CheckState.UNKNOWN and check.needed
        ]
        return next(iter([*failed, *unknown]), None)

    @property
    def accepted(self) -> bool:
        """Whether it may be used."""
        return self.refusal is None

    def require(self) -> None:
        """Go on only with a document that is accepted.

        Raises:
            VerificationRefused: with the first check that stands in the way.
        """
        if (check := self.refusal) is not None:
            raise VerificationRefused(
                document=self.document,
                check=check.title,
                reason=check.reason,
                checks=[one.id for one in self.checks if one.state is not CheckState.OK],
            )


def verify_definition(
    definition: Definition,
    *,
    network: str = "",
    config_hash: str = "",
    allow_unsigned: bool = False,
    contracts_checked_later: bool = False,
) -> Verification:
    """Check a definition.

    Args:
        network: the one that the person wants, empty for any.
        config_hash: `0x…` of the one that the person wants, empty for any.
        allow_unsigned: accept one that neither creator nor any operator signed.
        contracts_checked_later: charon has an execution client and checks what wallets that
            are contracts have signed (ERC-1271).
    """
    checks = [*definition_hashes(definition)]
    checks.extend(_wanted(definition, network, config_hash))
    checks.extend(_shape(definition))
    if definition.unsigned and allow_unsigned:
        checks.append(
            Check(
                "signatures",
                "Signatures of creator and operators",
                CheckState.UNKNOWN,
                "Nobody signed this definition: it is one person's own cluster.",
                needed=False,
            )
        )
        checks.extend(_enrs(definition))
    else:
        checks.extend(_enrs(definition))
        checks.extend(_signatures(definition, needed=not contracts_checked_later))
    return Verification("definition", tuple(checks))


def definition_hashes(definition: Definition) -> Iterator[Check]:
    """Config hash and definition hash, recomputed."""
    for check, title, compute, written in (
        ("config-hash", "Config hash", hashes.config_hash, definition.config_hash),
        ("definition-hash", "Definition hash", hashes.definition_hash, definition.definition_hash),
    ):
        try:
            found = compute(definition)
        except ValueError as error:
            yield result(check, title, False, f"A field has an impossible size: {error}.")
            continue
        yield result(
            check,
            title,
            found == written,
            f"It says 0x{written.hex()}, and its content gives 0x{found.hex()}.",
        )


def result(check: str, title: str, right: bool, reason: str) -> Check:
    """A check that either is right or failed for `reason`."""
    state = CheckState.OK if right else CheckState.FAILED
    return Check(check, title, state, "" if right else reason)


def _wanted(definition: Definition, network: str, config_hash: str) -> Iterator[Check]:
    if network:
        known = network_of(definition.fork_version)
        named = known.name if known else f"fork version 0x{definition.fork_version.hex()}"
        yield result(
            "network", "Network", named == network, f"It is for {named}, and {network} is wanted."
        )
    if config_hash:
        found = f"0x{definition.config_hash.hex()}"
        yield result(
            "target",
            "Chosen cluster",
            found == config_hash.lower(),
            f"It is {found}, and {config_hash} is wanted.",
        )


def _shape(definition: Definition) -> Iterator[Check]:
    count, operators = definition.num_validators, len(definition.operators)
    yield result(
        "validators",
        "Number of validators",
        count == len(definition.validators) and count > 0,
        f"It says {count} and has addresses for {len(definition.validators)}.",
    )
    yield result(
        "threshold",
        "Threshold",
        1 <= definition.threshold <= operators and operators > 0,
        f"{definition.threshold} of {operators} operators cannot be.",
    )
    addresses = [one.address.lower() for one in definition.operators if one.address]
    enrs = [one.enr for one in definition.operators if one.enr]
    yield result(
        "distinct",
        "Operators are distinct",
        len(set(enrs)) == len(enrs) and len(set(addresses)) == len(addresses),
        "Two operators have the same address or the same ENR.",
    )
    missing = any(
        not one.withdrawal_address or not one.fee_recipient_address for one in definition.validators
    )
    yield result(
        "addresses", "Fee recipient and withdrawal addresses", not missing, "One is missing."
    )


def _enrs(definition: Definition) -> Iterator[Check]:
    for number, operator in enumerate(definition.operators, 1):
        check, title = f"operator-{number}-enr", f"ENR of operator {number}"
        try:
            read_enr(operator.enr)
        except EnrNotReadable as error:
            yield result(check, title, False, str(error.facts.get("reason", "")))
        else:
            yield result(check, title, True, "")


def _signatures(definition: Definition, *, needed: bool) -> Iterator[Check]:
    network = network_of(definition.fork_version)
    if network is None:
        yield Check(
            "signatures",
            "Signatures of creator and operators",
            CheckState.UNKNOWN,
            f"The network with fork version 0x{definition.fork_version.hex()} is not known here,"
            " and its number is part of what was signed.",
        )
        return
    config = f"0x{definition.config_hash.hex()}"
    creator = definition.creator
    yield _signature(
        "creator-signature",
        "Creator's signature of the configuration",
        creator.address,
        (Statement.CREATOR_CONFIG, config, network.chain_id),
        creator.config_signature,
        needed,
    )
    for number, operator in enumerate(definition.operators, 1):
        yield from _operator(number, operator, config, network.chain_id, needed)


def _operator(
    number: int, operator: Operator, config: str, chain_id: int, needed: bool
) -> Iterator[Check]:
    yield _signature(
        f"operator-{number}-config-signature",
        f"Signature of the configuration by operator {number}",
        operator.address,
        (Statement.OPERATOR_CONFIG, config, chain_id),
        operator.config_signature,
        needed,
    )
    yield _signature(
        f"operator-{number}-enr-signature",
        f"Signature of the ENR by operator {number}",
        operator.address,
        (Statement.ENR, operator.enr, chain_id),
        operator.enr_signature,
        needed,
    )


def _signature(
    check: str,
    title: str,
    address: str,
    content: tuple[Statement, str, int],
    signature: bytes,
    needed: bool,
) -> Check:
    if not address or not signature:
        return result(check, title, False, "It is missing.")
    if len(signature) > SIGNATURE and len(signature) % SIGNATURE == 0:
        return Check(
            check,
            title,
            CheckState.UNKNOWN,
            f"{address} is a wallet of several people; only its contract can tell.",
            needed,
        )
    found = signer_of(statement(*content), signature)
    said = f"It was made by {found}" if found else "It is no signature"
    return result(
        check, title, (found or "").lower() == address.lower(), f"{said}, not by {address}."
    )
