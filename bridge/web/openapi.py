# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI 3.1 document, made from the routes that are served."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from bridge.web.problem_document import PROBLEM, Problem
from bridge.web.routes import JSON, Media, Route, adapter

_PLACE = re.compile(r"{(\w+)(?::[^}]*)?}")
_REF = "#/components/schemas/{model}"


@dataclass(frozen=True, slots=True)
class Document:
    """What the document says beside the routes.

    Attributes:
        security: OpenAPI security schemes by the names that routes use in `needs`.
        always: statuses that every route may answer with.
    """

    title: str
    version: str
    description: str
    security: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    always: tuple[int, ...] = ()


def openapi(document: Document, routes: Sequence[Route]) -> dict[str, Any]:
    """The document of `routes` (OpenAPI 3.1.0, https://spec.openapis.org/oas/v3.1.0)."""
    inputs = [(route.body, "validation", adapter(route.body)) for route in routes if route.body]
    outputs = [
        (kind, "serialization", adapter(kind))
        for route in routes
        for kind in [*route.answers.values(), Problem]
        if kind is not None and not isinstance(kind, Media)
    ]
    generator = GenerateJsonSchema(by_alias=True, ref_template=_REF)
    unique = {(key, mode): (key, mode, kind.core_schema) for key, mode, kind in [*inputs, *outputs]}
    schemas, definitions = generator.generate_definitions(list(unique.values()))  # type: ignore[arg-type]
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = _PLACE.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, document, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": document.title,
            "version": document.version,
            "description": document.description,
        },
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {name: dict(scheme) for name, scheme in document.security.items()},
        },
    }


def _operation(route: Route, document: Document, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": _operation_id(route),
        "parameters": [*_places(route), *_query(route.query)],
        "responses": {
            str(status): _response(status, kind, schemas)
            for status, kind in _answers(route, document).items()
        },
    }
    if route.tag:
        operation["tags"] = [route.tag]
    if route.body is not None:
        schema = schemas[(route.body, "validation")]
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    if route.needs:
        operation["security"] = [{name: []} for name in route.needs]
    return operation


def _operation_id(route: Route) -> str:
    words = re.findall(r"[A-Za-z0-9]+", route.path)
    return "_".join([route.method.lower(), *words])


def _answers(route: Route, document: Document) -> dict[int, Any]:
    answers = dict(route.answers)
    usual = set(document.always)
    if route.query is not None:
        usual.add(422)
    if route.body is not None:
        usual |= {400, 408, 413, 415, 422}
    if route.needs:
        usual |= {401, 403}
    return answers | {status: Problem for status in usual if status not in answers}


def _response(status: int, kind: Any, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    if kind is None:
        return {"description": "Done."}
    if isinstance(kind, Media):
        return {"description": "The answer.", "content": {kind.content_type: {}}}
    media = PROBLEM if kind is Problem else JSON
    description = "The answer." if status < 400 else "The reason of the refusal."
    return {
        "description": description,
        "content": {media: {"schema": schemas[(kind, "serialization")]}},
    }


def _places(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": dict(route.places.get(name, {"type": "string"})),
        }
        for name in _PLACE.findall(route.path)
    ]


def _query(model: type[BaseModel] | None) -> list[dict[str, Any]]:
    if model is None:
        return []
    schema = model.model_json_schema(by_alias=True)
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": part}
        for name, part in schema.get("properties", {}).items()
    ]
