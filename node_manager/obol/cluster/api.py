# SPDX-License-Identifier: Apache-2.0
"""The Obol API, read only: definitions of an operator, one definition, one lock.

`GET /v1/definition/operator/{address}?page=N&limit=L`, `GET /v1/definition/{config_hash}`,
`GET /v1/lock/configHash/{config_hash}` (docs.obol.org, API reference). Whether pages count from
0 or 1 is not documented: both are read and repeats dropped.
"""

from __future__ import annotations

import email.utils
import time
from dataclasses import dataclass
from typing import Any

import httpx

from node_manager.closing import AsyncClosing
from node_manager.cosmos.web import new_client
from node_manager.obol.cluster.documents import Definition, parse_definition
from node_manager.obol.errors import ApiBusy, ApiNoAnswer, ApiNotUnderstood, ObolError

CALL_SECONDS = 15.0
MAX_PAGES = 200
MAX_RETRY_AFTER = 3600.0
DEFAULT_RETRY_AFTER = 60.0


@dataclass(frozen=True, slots=True)
class ListedDefinition:
    """One definition as listed: `raw` as it came, `definition` None when it cannot be read."""

    raw: dict[str, Any]
    definition: Definition | None
    trouble: str = ""


class ObolApi(AsyncClosing):
    """One API endpoint; use as `async with`."""

    def __init__(self, endpoint: str, *, page_limit: int = 10, seconds: float = CALL_SECONDS):
        self.endpoint = endpoint.rstrip("/")
        self._limit = page_limit
        self._client = new_client(self.endpoint, seconds)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def definitions_of(self, operator: str) -> list[ListedDefinition]:
        """All definitions that name the operator address, in the API's order.

        Raises:
            ApiNoAnswer, ApiBusy, ApiNotUnderstood: nothing complete was read.
        """
        found: dict[str, dict[str, Any]] = {}
        page, last = 0, 1
        while page <= last and page < MAX_PAGES:
            answer = await self._get(
                f"/v1/definition/operator/{operator}", page=str(page), limit=str(self._limit)
            )
            items, total = self._page(answer)
            for item in items:
                found.setdefault(str(item.get("config_hash", "")).lower(), item)
            last = total if total is not None else (page + 1 if items else 0)
            page += 1
        return [_listed(item) for item in found.values()]

    async def definition(self, config_hash: str) -> dict[str, Any] | None:
        """One definition as it came; None when there is none.

        Raises:
            ApiNoAnswer, ApiBusy, ApiNotUnderstood: it is not known.
        """
        answer = await self._get(f"/v1/definition/{config_hash}")
        if answer is None:
            return None
        inner = answer.get("cluster_definition", answer) if isinstance(answer, dict) else None
        if not isinstance(inner, dict):
            raise self._odd("It is not a definition.")
        return inner

    async def lock(self, config_hash: str) -> dict[str, Any] | None:
        """The lock of a cluster; None when no ceremony has published one.

        Raises:
            ApiNoAnswer, ApiBusy, ApiNotUnderstood: whether there is one is not known.
        """
        answer = await self._get(f"/v1/lock/configHash/{config_hash}")
        if answer is not None and not isinstance(answer, dict):
            raise self._odd("It is not a lock.")
        return answer

    def _page(self, answer: Any) -> tuple[list[dict[str, Any]], int | None]:
        """The items of a page and the number of pages, None when it is not told."""
        if answer is None:
            return [], 0
        items = answer.get("cluster_definitions") if isinstance(answer, dict) else answer
        if items is None and isinstance(answer, dict) and "total_count" in answer:
            items = []
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise self._odd("It has no list of definitions.")
        total = answer.get("total_pages") if isinstance(answer, dict) else None
        return items, total if isinstance(total, int) and total >= 0 else None

    async def _get(self, path: str, **params: str) -> Any:
        """The JSON of an answer, None for 404."""
        try:
            response = await self._client.get(self.endpoint + path, params=params or None)
        except httpx.TimeoutException as error:
            raise self._silent("It took too long.") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._silent(str(error) or type(error).__name__) from error
        status = response.status_code
        if status in {429, 503} or (status >= 500 and "retry-after" in response.headers):
            raise ApiBusy(
                address=self.endpoint, status=status, seconds=retry_after(response.headers)
            )
        if status == httpx.codes.NOT_FOUND:
            return None
        if status >= 400:
            said = response.text[:120].strip()
            raise self._silent(f"HTTP {status}: {said}")
        try:
            return response.json()
        except ValueError as error:
            raise self._odd(f"It is not JSON: {response.text[:60].strip()}") from error

    def _silent(self, reason: str) -> ObolError:
        return ApiNoAnswer(address=self.endpoint, reason=f"{reason.rstrip('.')}.")

    def _odd(self, reason: str) -> ObolError:
        return ApiNotUnderstood(address=self.endpoint, reason=f"{reason.rstrip('.')}.")


def retry_after(headers: httpx.Headers, now: float | None = None) -> float:
    """Seconds that the server asks to wait (RFC 9110: seconds or a date), within an hour."""
    told = headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit():
        return min(float(told), MAX_RETRY_AFTER)
    try:
        at = email.utils.parsedate_to_datetime(told).timestamp()
    except ValueError:
        return DEFAULT_RETRY_AFTER
    wait = at - (time.time() if now is None else now)
    return min(max(wait, 0.0), MAX_RETRY_AFTER)


def _listed(item: dict[str, Any]) -> ListedDefinition:
    try:
        return ListedDefinition(item, parse_definition(item))
    except ObolError as error:
        return ListedDefinition(item, None, str(error.explanation))
