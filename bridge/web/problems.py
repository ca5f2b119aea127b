# SPDX-License-Identifier: Apache-2.0
"""Problem answers (RFC 9457), and the middleware that lets nothing else out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from bridge.web.errors import Failed, NoSuchThing, Refusal, TooLarge, WrongMethod
from bridge.web.problem_document import PROBLEM, problem_of
from node_manager.explanation import OneClickError

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


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
