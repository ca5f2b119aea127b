# SPDX-License-Identifier: Apache-2.0
"""The body of an answer that refuses (RFC 9457); commands read it without a server's imports."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bridge.web.errors import Refusal
from bridge.web.names import camel
from node_manager.explanation import OneClickError

PROBLEM = "application/problem+json"


class FieldFault(BaseModel):
    """One wrong field."""

    field: str
    message: str


class Problem(BaseModel):
    """Body of an answer with a status of 400 or more (RFC 9457).

    `success` and `error` repeat it for readers of the older bridge contract.
    """

    model_config = ConfigDict(alias_generator=camel, populate_by_name=True)

    type: str
    title: str
    status: int
    detail: str
    code: str
    todo: str = ""
    errors: list[FieldFault] = []
    success: bool = False
    error: str


def problem_of(error: OneClickError, status: int) -> Problem:
    """The problem document of `error`."""
    what, why, todo = error.explanation.filled()
    faults = error.faults if isinstance(error, Refusal) else ()
    detail = " ".join(part for part in (what, why) if part)
    return Problem(
        type=f"urn:oneclick-validator:problem:{error.code}",
        title=what,
        status=status,
        detail=detail,
        code=error.code,
        todo=todo,
        errors=[FieldFault(field=name, message=text) for name, text in faults],
        error=detail,
    )
