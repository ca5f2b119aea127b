# SPDX-License-Identifier: Apache-2.0
"""What a profile lacks, and what a person answered: never invented, always with who said so."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from node_manager.downloads.checksum import Checksum
from node_manager.downloads.errors import ChecksumInvalid
from node_manager.networks.chain import Peer, check_download
from node_manager.networks.errors import FieldProblem, ProfileInvalid
from node_manager.networks.own import check_sha256

BINARY = "binary."
CHECKSUM = "checksum."
GENESIS_URL = "genesis_url"
GENESIS_SHA256 = "genesis_sha256"
PERSISTENT_PEERS = "persistent_peers"

PERSON = "the person at this computer"


@dataclass(frozen=True, slots=True)
class MissingFact:
    """A fact that the network's team has not put into the profile.

    Attributes:
        field: the name under which it is answered, such as "checksum.linux/amd64".
        label: what it is, for a form.
        why: what it is needed for and what is at risk without it.
        needed: whether nothing goes on without it.
    """

    field: str
    label: str
    why: str
    needed: bool = True


class Answer(BaseModel):
    """A missing fact, given by somebody.

    Attributes:
        said_by: who answered, in words.
        at: Unix time of the answer.
        about: the address that a checksum was given for; it says nothing of another one.
    """

    model_config = ConfigDict(frozen=True)

    field: str
    value: str
    said_by: str = PERSON
    at: float
    about: str = ""


def make_answers(
    values: Mapping[str, str], *, network: str, said_by: str = PERSON, at: float | None = None
) -> tuple[Answer, ...]:
    """Check answers by field and give them a source and a time. Empty ones are left out.

    Raises:
        ProfileInvalid: with every answer that is wrong.
    """
    now = time.time() if at is None else at
    answers: list[Answer] = []
    problems: list[FieldProblem] = []
    for field, value in values.items():
        if not value.strip():
            continue
        try:
            answers.append(
                Answer(field=field, value=_check(field)(value.strip()), said_by=said_by, at=now)
            )
        except (ValueError, ChecksumInvalid) as error:
            reason = "is not a checksum" if isinstance(error, ChecksumInvalid) else str(error)
            problems.append(FieldProblem("", field, reason))
    if problems:
        raise ProfileInvalid(name=network, problems=tuple(problems))
    return tuple(answers)


def split_peers(text: str) -> tuple[str, ...]:
    """Peers out of "id@host:port, id@host:port".

    Raises:
        ValueError: one of them is not of this form.
    """
    peers = [part for part in text.replace(",", " ").split() if part]
    checked = []
    for peer in peers:
        node_id, at, address = peer.partition("@")
        try:
            checked.append(str(Peer(id=node_id if at else "", address=address)))
        except ValueError as error:
            raise ValueError(f"holds {peer[:100]!r}, which is not id@host:port") from error
    return tuple(checked)


def _check(field: str) -> Callable[[str], str]:
    if field.startswith(CHECKSUM):
        return lambda text: str(Checksum.parse(text))
    if field.startswith(BINARY) or field == GENESIS_URL:
        return check_download
    if field == GENESIS_SHA256:
        return check_sha256
    if field == PERSISTENT_PEERS:
        return lambda text: ",".join(split_peers(text))
    raise ValueError("is nothing that is asked for")
