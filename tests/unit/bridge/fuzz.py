# SPDX-License-Identifier: Apache-2.0
"""Generated requests against a served OpenAPI document: no 5xx, and answers as described."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
STREAMS = {"/v1/events", "/api/v1/portal/wallets/{address}/events"}
"""They do not end by themselves."""


async def fuzz(
    url: str,
    headers_of: Callable[[str, str], Mapping[str, str]],
    *,
    examples: int = 12,
    allowed: frozenset[int] = frozenset(),
) -> int:
    """Send generated requests for every operation of `url`/openapi.json; return how many.

    Args:
        headers_of: headers for a method and a path.
        examples: requests an operation.
        allowed: statuses of 500 or more that are meant (a part that is not configured).
    """
    return await asyncio.to_thread(_fuzz, url, headers_of, examples, allowed)


def _fuzz(
    url: str,
    headers_of: Callable[[str, str], Mapping[str, str]],
    examples: int,
    allowed: frozenset[int],
) -> int:
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    sent = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in STREAMS:
            continue

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @_given(operation)
        def one(case: schemathesis.Case) -> None:
            nonlocal sent
            if case.query and case.query.get("follow") not in (None, False, "false"):
                return
            sent += 1
            headers = dict(headers_of(case.method, case.path))
            response = case.call(headers=headers, timeout=20)
            checks = [
                check
                for check in CHECKS
                if not (check is not_a_server_error and response.status_code in allowed)
            ]
            case.validate_response(response, checks=checks, headers=headers)

        one()
    return sent


def _given(
    operation: object,
) -> Callable[[Callable[[schemathesis.Case], None]], Callable[[], None]]:
    from hypothesis import given

    return given(case=operation.as_strategy())  # type: ignore[attr-defined,no-any-return]
