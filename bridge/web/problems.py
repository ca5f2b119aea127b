# SPDX-License-Identifier: Apache-2.0
"""Problem answers (RFC 9457), and the middleware that lets nothing else out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict

from bridge.web.errors import Failed, NoSuchThing, Refusal, TooLarge, WrongMethod
from bridge.web.names import camel
from node_manager.explanation import OneClickError

log = structlog.get_logger(__name__)

PROBLEM = "application/problem+json"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


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


def problem_response(error: OneClickError, status: int | None = None) -> web.Response:
    """The answer that says `error`; a status of its own for errors that are not refusals."""
    refused = isinstance(error, Refusal)
    number = status or (error.status if isinstance(error, Refusal) else 409)
    return web.Response(
        status=number,
        body=problem_of(error, number).model_dump_json(by_alias=True).encode(),
        content_type=PROBLEM,
        headers=error.headers if refused and isinstance(error, Refusal) else None,
    )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what a handler raises into a problem answer without inner details."""
    try:
        return await handler(request)
    except OneClickError as error:
        return problem_response(error)
    except web.HTTPException as error:
        return problem_response(_of_aiohttp(request, error), error.status)
    except Exception:  # the answer must not carry a traceback; the log does
        log.exception("request failed", method=request.method, path=request.path)
        return problem_response(Failed())


def _of_aiohttp(request: web.Request, error: web.HTTPException) -> Refusal:
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = {"Allow": error.headers.get("Allow", "")}
        return WrongMethod(method=request.method, headers=allowed)
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return TooLarge(limit=request.client_max_size)
    return NoSuchThing(thing=request.path)
