# SPDX-License-Identifier: Apache-2.0
"""Pages that nobody allowed are kept out before anything is read."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.server.guard import can_be_paired
from tests.unit.bridge.conftest import PORTAL, Door

JSON = {"Content-Type": "application/json"}


async def raw(door: Door, request: bytes, *, seconds: float = 5.0) -> bytes:
    """What the door answers to these very bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(request)
    async with asyncio.timeout(seconds):
        answer = await reader.read(65536)
    writer.close()
    return answer


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


HOSTILE_HOSTS = [
    "evil.example",
    "evil.example:{port}",
    "localhost",
    "localhost:1",
    "localhost.evil.example:{port}",
    "127.0.0.1.evil.example:{port}",
    "127.0.0.2:{port}",
    "0.0.0.0:{port}",
    "[::]:{port}",
    "localhost:{port}.evil.example",
    "localhost:{port}@evil.example",
    "",
]


@pytest.mark.parametrize("host", HOSTILE_HOSTS)
@pytest.mark.parametrize("path", ["/status", "/health", "/v1/nodes", "/nowhere"])
async def test_a_foreign_host_is_refused(door: Door, host: str, path: str) -> None:
    named = host.format(port=door.port)
    answer = await raw(
        door, f"GET {path} HTTP/1.1\r\nHost: {named}\r\nConnection: close\r\n\r\n".encode()
    )
    assert status_of(answer) == 403
    assert b"blockHeight" not in answer


async def test_a_missing_or_double_host_is_refused(door: Door) -> None:
    for hosts in ("", f"Host: localhost:{door.port}\r\nHost: evil.example\r\n"):
        answer = await raw(
            door, f"GET /status HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n".encode()
        )
        assert status_of(answer) in {400, 403}
    assert status_of(await raw(door, b"GET /status HTTP/1.0\r\n\r\n")) == 403


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
async def test_this_computer_s_names_are_answered(door: Door, name: str) -> None:
    answer = await raw(
        door,
        f"GET /health HTTP/1.1\r\nHost: {name}:{door.port}\r\nConnection: close\r\n\r\n".encode(),
    )
    assert status_of(answer) == 200


FOREIGN_ORIGINS = [
    "null",
    "",
    "https://evil.example",
    f"{PORTAL}.evil.example",
    f"{PORTAL}:8443",
    f"{PORTAL}/",
    PORTAL.replace("https", "http"),
    PORTAL.upper(),
    f"https://evil.example?{PORTAL}",
    "https://portal.example@evil.example",
    "file://",
    "*",
]


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
async def test_a_foreign_origin_is_refused(door: Door, origin: str) -> None:
    async with door.client.get(f"{door.url}/status", headers={"Origin": origin}) as response:
        assert response.status == 403
        assert "Access-Control-Allow-Origin" not in response.headers
        assert response.headers["Vary"] == "Origin"
        assert "blockHeight" not in await response.text()


async def test_a_listed_origin_may_read_what_is_public(door: Door) -> None:
    for path in ("/status", "/health", "/consensus-pubkey"):
        async with door.client.get(door.url + path, headers={"Origin": PORTAL}) as response:
            assert response.status == 200
            assert response.headers["Access-Control-Allow-Origin"] == PORTAL
            assert response.headers["Vary"] == "Origin"


async def test_a_listed_origin_may_not_read_the_rest_without_pairing(door: Door) -> None:
    for path in ("/logs", "/v1/nodes", "/v1/nodes/alpha", "/v1/nodes/alpha/logs", "/v1/events"):
        async with door.client.get(door.url + path, headers={"Origin": PORTAL}) as response:
            assert response.status == 403
            assert (await response.json())["code"] == "not-paired"


async def test_logs_are_for_paired_sites_also_without_an_origin(door: Door) -> None:
    async with door.client.get(f"{door.url}/logs") as response:
        assert response.status == 403
        assert response.content_type == "application/problem+json"


async def test_a_preflight_of_a_listed_origin_names_what_is_allowed(door: Door) -> None:
    asked = {
        "Origin": PORTAL,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
        "Access-Control-Request-Private-Network": "true",
    }
    async with door.client.options(f"{door.url}/v1/nodes/alpha/stop", headers=asked) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Origin"] == PORTAL
        assert response.headers["Access-Control-Allow-Private-Network"] == "true"
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
        assert "Origin" in response.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in response.headers


async def test_a_preflight_of_a_foreign_origin_is_refused(door: Door) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    async with door.client.options(f"{door.url}/status", headers=asked) as response:
        assert response.status == 403
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_any_website_can_only_ask(door: Door) -> None:
    stranger = {"Origin": "https://new.example", "Access-Control-Request-Method": "POST"}
    async with door.client.options(f"{door.url}/v1/pairing", headers=stranger) as response:
        assert response.status == 204
    async with door.client.options(f"{door.url}/v1/pairings", headers=stranger) as response:
        assert response.status == 403


@pytest.mark.parametrize(
    "origin", ["null", "http://new.example", "https://new.example/", "file://"]
)
async def test_who_cannot_be_paired_cannot_ask(door: Door, origin: str) -> None:
    headers = {"Origin": origin}
    async with door.client.post(
        f"{door.url}/v1/pairing", json={"scopes": ["read"]}, headers=headers
    ) as response:
        assert response.status == 403
    assert door.server.pairings.waiting == []


@pytest.mark.parametrize("network", ["Private-Network", "Local-Network"])
async def test_a_way_into_this_computer_is_opened_to_who_asks_for_it(
    door: Door, network: str
) -> None:
    asked = {"Origin": PORTAL, "Access-Control-Request-Method": "GET"}
    opened = f"Access-Control-Allow-{network}"
    async with door.client.options(f"{door.url}/status", headers=asked) as response:
        assert opened not in response.headers
        assert "Access-Control-Request-Method" in response.headers["Vary"]
    asked[f"Access-Control-Request-{network}"] = "true"
    async with door.client.options(f"{door.url}/status", headers=asked) as response:
        assert response.headers[opened] == "true"
        assert f"Access-Control-Request-{network}" in response.headers["Vary"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_a_plain_form_cannot_change_anything(door: Door, content_type: str) -> None:
    headers = {"Origin": PORTAL, "Content-Type": content_type}
    body = json.dumps({"scopes": ["control"]})
    async with door.client.post(f"{door.url}/v1/pairing", data=body, headers=headers) as response:
        assert response.status == 415
    assert door.server.pairings.waiting == []


@pytest.mark.parametrize(
    "path",
    [
        "/v1/nodes/../../etc/passwd",
        "/v1/nodes/..%2f..%2fetc%2fpasswd/logs",
        "/v1/nodes/alpha%00/logs",
        "/v1/nodes/%2e%2e/logs",
        "//evil.example/status",
        "/v1/nodes/alpha/logs?source=../../key",
    ],
)
async def test_path_tricks_find_nothing(door: Door, path: str) -> None:
    token = await paired(door, "https://new.example", ["read", "logs"])
    answer = await raw(
        door,
        f"GET {path} HTTP/1.1\r\nHost: localhost:{door.port}\r\nOrigin: https://new.example\r\n"
        f"Authorization: Bearer {token}\r\nConnection: close\r\n\r\n".encode(),
    )
    assert status_of(answer) in {400, 404, 422}
    assert b"root:" not in answer


async def paired(door: Door, origin: str, scopes: list[str]) -> str:
    """A token of a website that the person allowed."""
    headers = {"Origin": origin}
    async with door.client.post(
        f"{door.url}/v1/pairing", json={"scopes": scopes}, headers=headers
    ) as response:
        asked = await response.json()
        assert response.status == 202, asked
    door.server.pairings.decide(asked["id"], "always")
    claim = {"id": asked["id"], "code": asked["code"]}
    async with door.client.post(
        f"{door.url}/v1/pairing/claim", json=claim, headers=headers
    ) as response:
        assert response.status == 200
        return str((await response.json())["token"])


async def test_an_oversized_body_is_refused(door: Door) -> None:
    headers = {"Origin": PORTAL, **JSON}
    async with door.client.post(
        f"{door.url}/v1/pairing", data=b'{"scopes": ["' + b"x" * 100_000, headers=headers
    ) as response:
        assert response.status == 413


async def test_oversized_heads_are_refused(door: Door) -> None:
    host = f"Host: localhost:{door.port}\r\n"
    long_line = f"GET /{'x' * 20_000} HTTP/1.1\r\n{host}\r\n".encode()
    long_field = f"GET /health HTTP/1.1\r\n{host}X-Long: {'x' * 20_000}\r\n\r\n".encode()
    many = "".join(f"X-{number}: 1\r\n" for number in range(200))
    many_fields = f"GET /health HTTP/1.1\r\n{host}{many}\r\n".encode()
    for request in (long_line, long_field, many_fields):
        assert status_of(await raw(door, request)) == 400


async def test_a_slow_body_is_given_up(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.web.routes.BODY_SECONDS", 0.3)
    answer = await raw(
        door,
        f"POST /v1/pairing HTTP/1.1\r\nHost: localhost:{door.port}\r\nOrigin: {PORTAL}\r\n"
        "Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{".encode(),
    )
    assert status_of(answer) == 408


async def test_a_thousand_idle_connections_do_not_shut_others_out(door: Door) -> None:
    idle = []
    try:
        for _ in range(1000):
            idle.append(await asyncio.open_connection("127.0.0.1", door.port))
        loop = asyncio.get_running_loop()
        for _ in range(20):
            begin = loop.time()
            async with door.client.get(f"{door.url}/status") as response:
                assert response.status == 200
            assert loop.time() - begin < 1
    finally:
        for _, writer in idle:
            writer.close()


@pytest.mark.logs("request failed")
async def test_a_defect_shows_no_inner_details(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[object]:
        raise RuntimeError("secret inner detail")

    monkeypatch.setattr(door.view, "statuses", broken)
    async with door.client.get(f"{door.url}/status") as response:
        text = await response.text()
        assert response.status == 500
        assert json.loads(text)["code"] == "internal-error"
        assert "secret" not in text
        assert "Traceback" not in text


async def test_no_answer_sets_a_cookie_or_is_kept_by_caches(door: Door) -> None:
    for path in ("/status", "/nowhere", "/openapi.json"):
        async with door.client.get(door.url + path) as response:
            assert "Set-Cookie" not in response.headers
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("origin", "good"),
    [
        ("https://portal.example", True),
        ("https://portal.example:8443", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("https://portal.example:443", False),
        ("http://portal.example", False),
        ("https://user@portal.example", False),
        ("https://portal.example/", False),
        ("https://portal.example:", False),
        ("https://PORTAL.example", False),
        ("null", False),
        ("chrome-extension://abc", False),
    ],
)
def test_only_a_whole_https_origin_can_ask(origin: str, good: bool) -> None:
    assert can_be_paired(origin) is good


@given(st.text())
def test_no_text_breaks_the_look_at_an_origin(text: str) -> None:
    assert can_be_paired(text) in {True, False}
