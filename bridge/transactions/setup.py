# SPDX-License-Identifier: Apache-2.0
"""What the person wants the validator to be called and to charge, kept beside its node.

A paired website or a program sets it; it stands in the form and in the command of the
transaction that makes the validator, until another word is given there.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from bridge.server.models import Body
from bridge.web.names import camel
from node_manager.durable import make_private_folder, write_durably
from node_manager.layout import Layout

# Limits in bytes, cosmos-sdk x/staking/types/validator.go
_LIMITS = {"moniker": 70, "website": 140, "contact": 140, "details": 280}


def _fits(limit: int) -> AfterValidator:
    def check(text: str) -> str:
        try:
            size = len(text.encode())
        except UnicodeEncodeError as error:
            raise ValueError("is not valid text") from error
        if size > limit:
            raise ValueError(f"is longer than {limit} bytes")
        return text

    return AfterValidator(check)


Rate = Annotated[Decimal, Field(ge=0, le=1, decimal_places=18, max_digits=19)]


class ValidatorSetup(Body):
    """The profile and the commission a validator shall have on chain."""

    model_config = ConfigDict(alias_generator=camel, populate_by_name=True, extra="forbid")

    moniker: Annotated[str, Field(min_length=1, max_length=70), _fits(_LIMITS["moniker"])]
    website: Annotated[str, Field(max_length=140), _fits(_LIMITS["website"])] = ""
    security_contact: Annotated[str, Field(max_length=140), _fits(_LIMITS["contact"])] = ""
    details: Annotated[str, Field(max_length=280), _fits(_LIMITS["details"])] = ""
    commission_rate: Rate
    commission_max_rate: Rate
    commission_max_change_rate: Rate


def setup_file(layout: Layout, node_id: str) -> Path:
    """Where the wished profile of a node lies."""
    return layout.node(node_id).root / "setup.json"


def read_setup(file: Path) -> ValidatorSetup | None:
    """The wished profile, None where there is none that can be read."""
    try:
        return ValidatorSetup.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def write_setup(file: Path, setup: ValidatorSetup) -> None:
    """Keep it. Blocks for the disk."""
    make_private_folder(file.parent)
    write_durably(file, setup.model_dump_json(by_alias=True, indent=2))
