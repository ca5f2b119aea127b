# SPDX-License-Identifier: Apache-2.0
"""A route and what it takes and answers, said once: the server and the OpenAPI document use it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import BaseModel, TypeAdapter, ValidationError

from bridge.web.errors import Invalid, Malformed, NotJson, TooSlow
from bridge.web.problems import Handler

JSON = "application/json"
BODY_SECONDS = 10.0
"""A body of at most 64 KiB that takes longer is a slow client."""

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Media:
    """An answer that is not JSON."""

    content_type: str


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path.

    Attributes:
        path: with `{name}` places.
        answers: status to the type of the JSON body, a Media, or None for an empty one.
        query: model of the query string.
        body: model of the JSON body.
        needs: what the caller must show, a name of the document's security schemes; "" is open.
        places: JSON schema of each place in the path; a plain string where absent.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    answers: Mapping[int, Any]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    needs: tuple[str, ...] = ()
    places: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    tag: str = ""


def add_routes(app: web.Application, routes: Sequence[Route]) -> None:
    """Make `app` answer to `routes`."""
    for route in routes:
        app.router.add_route(route.method, route.path, route.handler)


@lru_cache(maxsize=256)
def adapter(kind: Any) -> TypeAdapter[Any]:
    """The one adapter of a type; making one is slow."""
    return TypeAdapter(kind)


def answer(
    body: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """A JSON answer."""
    return web.Response(
        status=status,
        body=body.model_dump_json(by_alias=True).encode(),
        content_type=JSON,
        headers=headers,
    )


def answer_list(
    kind: Any, bodies: Sequence[BaseModel], headers: Mapping[str, str] | None = None
) -> web.Response:
    """A JSON answer that is a list of `kind`."""
    content = adapter(list[kind]).dump_json(list(bodies), by_alias=True)
    return web.Response(body=content, content_type=JSON, headers=headers)


def read_query(request: web.Request, model: type[Model]) -> Model:
    """The query string as `model`.

    Raises:
        Invalid: a value is not allowed, or a name occurs twice.
    """
    query = request.rel_url.query
    if len(query) != len(set(query)):
        raise Invalid(reason="A name occurs twice in the query.")
    try:
        return model.model_validate(dict(query))
    except ValidationError as error:
        raise _invalid(error) from error


async def read_body(request: web.Request, model: type[Model]) -> Model:
    """The JSON body as `model`.

    Raises:
        NotJson: the content type is another one.
        Invalid: a value is not allowed.
        Malformed: the body is not JSON.
        TooSlow: it did not arrive in time.
    """
    return parse_body(await read_bytes(request), model)


async def read_bytes(request: web.Request) -> bytes:
    """The body of a request that says it is JSON.

    Raises:
        NotJson: the content type is another one.
        TooSlow: it did not arrive in time.
    """
    if request.content_type != JSON:
        raise NotJson(content_type=request.headers.get("Content-Type") or "none")
    try:
        if request.content.is_eof():  # it came with the head: no clock is needed
            return await request.read()
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError as error:
        raise TooSlow(seconds=int(BODY_SECONDS), headers={"Connection": "close"}) from error
    except (web.RequestPayloadError, HttpProcessingError) as error:
        raise Malformed(reason="The body is not encoded as its headers say.") from error


def parse_body(body: bytes, model: type[Model]) -> Model:
    """`body` as `model`.

    Raises:
        Invalid: a value is not allowed.
        Malformed: it is not JSON.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        if any(fault["type"] == "json_invalid" for fault in error.errors(include_context=False)):
            raise Malformed(reason="The body is not JSON.") from error
        raise _invalid(error) from error


def _invalid(error: ValidationError) -> Invalid:
    faults = tuple(
        (".".join(map(str, fault["loc"])) or "body", fault["msg"])
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    )
    return Invalid(reason="; ".join(f"{name}: {text}" for name, text in faults), faults=faults)
