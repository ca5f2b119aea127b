# SPDX-License-Identifier: Apache-2.0
"""Clusters that an operator is invited to, and what is still missing from whom."""

from __future__ import annotations

from dataclasses import dataclass

from node_manager.obol.cluster.documents import Definition
from node_manager.obol.cluster.ethereum import network_of


@dataclass(frozen=True, slots=True)
class InvitedOperator:
    """One operator of an invite.

    Attributes:
        number: from 1, in the definition's order.
        ours: whether it is this node's operator address.
        missing: what it has not given yet, in words.
    """

    number: int
    address: str
    enr: str
    enr_ready: bool
    config_signed: bool
    enr_signed: bool
    ours: bool
    missing: tuple[str, ...]

    @property
    def signed(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Invite:
    """One cluster that names our operator address.

    Attributes:
        config_hash: `0x…`.
        network: its name, or the fork version of one that is not known here.
        trouble: why it is not ours to go on with, empty when it is.
    """

    config_hash: str
    name: str
    version: str
    network: str
    validators: int
    threshold: int
    operators: tuple[InvitedOperator, ...]
    fully_signed: bool
    trouble: str

    @property
    def ready(self) -> bool:
        """Ours, and signed by every operator."""
        return self.fully_signed and not self.trouble

    @property
    def missing(self) -> tuple[str, ...]:
        """What is missing, one line an operator."""
        return tuple(
            f"{'Your operator' if one.ours else f'Operator {one.number}'}"
            f" ({one.address or 'no address yet'}): {', '.join(one.missing)}"
            for one in self.operators
            if one.missing
        )


def read_invite(
    definition: Definition, address: str, enr: str, *, network: str, target: str = ""
) -> Invite:
    """What `definition` means to the operator `address` whose node has `enr`."""
    operators = tuple(
        _operator(number, definition, address) for number in range(1, len(definition.operators) + 1)
    )
    known = network_of(definition.fork_version)
    return Invite(
        config_hash=f"0x{definition.config_hash.hex()}",
        name=definition.name,
        version=definition.version,
        network=known.name if known else f"0x{definition.fork_version.hex()}",
        validators=definition.num_validators,
        threshold=definition.threshold,
        operators=operators,
        fully_signed=definition.fully_signed,
        trouble=_trouble(definition, operators, enr, network, target),
    )


def _operator(number: int, definition: Definition, address: str) -> InvitedOperator:
    operator = definition.operators[number - 1]
    given = {
        "the ENR": bool(operator.enr),
        "the signature of the configuration": bool(operator.config_signature),
        "the signature of the ENR": bool(operator.enr_signature),
    }
    return InvitedOperator(
        number=number,
        address=operator.address,
        enr=operator.enr,
        enr_ready=bool(operator.enr),
        config_signed=bool(operator.config_signature),
        enr_signed=bool(operator.enr_signature),
        ours=operator.address.lower() == address.lower(),
        missing=tuple(words for words, there in given.items() if not there),
    )


def _trouble(
    definition: Definition,
    operators: tuple[InvitedOperator, ...],
    enr: str,
    network: str,
    target: str,
) -> str:
    ours = next((one for one in operators if one.ours), None)
    known = network_of(definition.fork_version)
    if target and f"0x{definition.config_hash.hex()}" != target.lower():
        return "Another cluster was chosen."
    if known is None or known.name != network:
        return f"It is for {known.name if known else 'a network that is not known here'}."
    if ours is None:
        return "Your operator address is not in it."
    if ours.enr and ours.enr != enr:
        return f"It was accepted with another ENR ({ours.enr}); this node has {enr}."
    return ""
