# SPDX-License-Identifier: Apache-2.0
"""Settings, limits and proxies: what a public service must get right."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from bridge.orchestrator.api.rates import RateLimit
from bridge.orchestrator.api.remote import limit_key, remote_address
from bridge.orchestrator.chain.addresses import Addresses, NotAnAddress
from bridge.orchestrator.chain.client import ChainAddress
from bridge.orchestrator.errors import OrchestratorPortTaken, PlainHttpInPublic, SettingsWrong
from bridge.orchestrator.server import Orchestrator
from bridge.orchestrator.settings import load_settings
from bridge.web.errors import TooMany
from tests.unit.bridge.orchestrator.conftest import V1, Client, settings_for

PROXIES = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128")]


class Transport:
    def __init__(self, peer: str) -> None:
        self.peer = peer

    def get_extra_info(self, name: str, default: object = None) -> object:
        return (self.peer, 1234) if name == "peername" else default


def request_from(peer: str, *forwarded: str) -> web.Request:
    from multidict import CIMultiDict

    headers = CIMultiDict([("X-Forwarded-For", value) for value in forwarded])
    return make_mocked_request("GET", "/", headers=headers, transport=Transport(peer))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("1.2.3.4",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.7",), "198.51.100.7"),
        ("10.0.0.1", ("1.2.3.4, 198.51.100.7",), "198.51.100.7"),
        ("10.0.0.1", ("1.2.3.4", "198.51.100.7, 10.0.0.2"), "198.51.100.7"),
        ("10.0.0.1", ("lies, 198.51.100.7",), "198.51.100.7"),
        ("10.0.0.1", ("lies",), "10.0.0.1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("::1", ("2001:db8::1",), "2001:db8::1"),
        ("::ffff:10.0.0.1", ("198.51.100.7",), "198.51.100.7"),
    ],
)
def test_only_a_trusted_proxy_is_believed(
    peer: str, forwarded: tuple[str, ...], expected: str
) -> None:
    assert remote_address(request_from(peer, *forwarded), PROXIES) == expected


def test_an_ipv6_network_counts_as_one_caller() -> None:
    assert limit_key("2001:db8::1") == limit_key("2001:db8::ffff")
    assert limit_key("2001:db8::1") != limit_key("2001:db8:1::1")
    assert limit_key("1.2.3.4") == "1.2.3.4"


def test_a_limit_holds_and_recovers() -> None:
    now = 0.0
    limit = RateLimit(60, clock=lambda: now)
    for _ in range(15):
        limit.take("a")
    with pytest.raises(TooMany) as caught:
        limit.take("a")
    assert caught.value.headers == {"Retry-After": "1"}
    limit.take("b")
    now = 1.0
    limit.take("a")
    now = 10_000.0
    for _ in range(15):
        limit.take("a")
    with pytest.raises(TooMany):
        limit.take("a")


def test_addresses_are_forgotten_beyond_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.orchestrator.api.rates.KEPT", 3)
    limit = RateLimit(4, clock=lambda: 0.0)
    for address in ("a", "b", "c", "a", "d"):
        with contextlib.suppress(TooMany):
            limit.take(address)
    limit.take("b")  # not seen for longest: it begins anew
    with pytest.raises(TooMany):
        limit.take("a")


@given(st.lists(st.floats(0, 10), max_size=200))
def test_no_pace_gets_more_than_the_limit(pauses: list[float]) -> None:
    now, passed = 0.0, 0
    limit = RateLimit(60, clock=lambda: now)
    for pause in pauses:
        now += pause
        try:
            limit.take("a")
            passed += 1
        except TooMany:
            continue
    assert passed <= 15 + sum(pauses) + 1


@asynccontextmanager
async def public(tmp_path: Path, **more: object) -> AsyncIterator[Client]:
    """A client of an orchestrator with these settings."""
    settings = settings_for(f"sqlite:///{tmp_path / 'a.sqlite'}", **more)
    orchestrator = Orchestrator(settings, ChainAddress("test-1", "omni"))
    await orchestrator.start()
    async with ClientSession() as session:
        yield Client(orchestrator, session)
    await orchestrator.stop()


async def test_too_many_changes_are_turned_away_and_reads_go_on(tmp_path: Path) -> None:
    async with public(tmp_path, changes_per_minute=8) as client:
        answers = [(await client.post(f"{V1}/stop", {})).status for _ in range(4)]
        assert answers == [401, 401, 429, 429]
        assert (await client.get("/api/v1/health")).status == 200


async def stops(client: Client, *addresses: str) -> list[int]:
    """The statuses of requests that a proxy passes on for these addresses."""
    asked = [await client.post(f"{V1}/stop", {}, X_Forwarded_For=one) for one in addresses]
    return [one.status for one in asked]


async def test_who_asks_too_much_behind_a_proxy_shuts_out_nobody_else(tmp_path: Path) -> None:
    async with public(tmp_path, changes_per_minute=4, trusted_proxies=["127.0.0.1/32"]) as client:
        assert await stops(client, "198.51.100.7", "198.51.100.7") == [401, 429]
        assert await stops(client, "198.51.100.8") == [401]
        assert await stops(client, "2001:db8::1", "2001:db8::2") == [401, 429]


async def test_no_client_gets_past_a_limit_by_naming_addresses(tmp_path: Path) -> None:
    async with public(tmp_path, changes_per_minute=4) as client:
        assert await stops(client, "198.51.100.7", "198.51.100.8") == [401, 429]


async def test_probes_are_never_turned_away(tmp_path: Path) -> None:
    async with public(tmp_path, reads_per_minute=4, metrics_public=True) as client:
        assert [(await client.get("/api/v1/health")).status for _ in range(2)] == [200, 429]
        for path in ("/livez", "/readyz", "/metrics"):
            assert (await client.get(path)).status == 200


async def test_every_answer_may_not_be_framed_or_guessed_at(tmp_path: Path) -> None:
    async with public(tmp_path, changes_per_minute=4) as client:
        answers = [
            await client.get("/livez"),
            await client.get("/nothing"),
            await client.post(f"{V1}/stop", {}),
            await client.post(f"{V1}/stop", {}),
        ]
        assert [one.status for one in answers] == [200, 404, 401, 429]
        for one in answers:
            assert one.headers["X-Frame-Options"] == "DENY"
            assert one.headers["X-Content-Type-Options"] == "nosniff"
            assert one.headers["Referrer-Policy"] == "no-referrer"


async def test_only_listed_origins_may_read_across(tmp_path: Path) -> None:
    portal = "https://portal.example"
    async with public(tmp_path, cors_origins=[portal]) as client:
        session = client.session
        found = await client.get("/api/v1/health", Origin=portal)
        assert found.headers["Access-Control-Allow-Origin"] == portal
        for origin in ("https://evil.example", "null", f"{portal}.evil.example"):
            other = await client.get("/api/v1/health", Origin=origin)
            assert "Access-Control-Allow-Origin" not in other.headers
            assert other.headers["Vary"] == "Origin"
        refused = await client.post(f"{V1}/stop", {}, Origin=portal)
        assert refused.status == 401
        assert refused.headers["Access-Control-Allow-Origin"] == portal
        assert refused.headers["Access-Control-Expose-Headers"] == "Link, Retry-After"
        asked = {"Origin": portal, "Access-Control-Request-Method": "POST"}
        async with session.options(f"{client.url}{V1}/stop", headers=asked) as response:
            assert response.status == 204
            assert response.headers["Access-Control-Allow-Origin"] == portal
            named = response.headers["Access-Control-Allow-Headers"].split(", ")
            assert {"authorization", "content-type", "idempotency-key"} == set(named)
            assert "DELETE" in response.headers["Access-Control-Allow-Methods"]
        asked["Origin"] = "https://evil.example"
        async with session.options(f"{client.url}{V1}/stop", headers=asked) as response:
            assert response.status == 403
            assert "Access-Control-Allow-Origin" not in response.headers


async def test_nobody_may_read_across_where_no_origin_is_listed(tmp_path: Path) -> None:
    async with public(tmp_path) as client:
        found = await client.get("/api/v1/health", Origin="https://evil.example")
        assert not [name for name in found.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("wrong", [{"cors_origins": "*"}, {"tls_key": Path("key.pem")}])
def test_settings_that_would_open_too_much_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsWrong):
        load_settings(**wrong)


async def test_no_port_is_opened_for_plain_http_in_public(tmp_path: Path) -> None:
    with pytest.raises(PlainHttpInPublic):
        async with public(tmp_path, host="0.0.0.0"):
            pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_plain_http_in_public_needs_a_word(host: str) -> None:
    with pytest.raises(PlainHttpInPublic, match="BEHIND_TLS_PROXY"):
        settings_for("sqlite://", host=host).check_exposure()
    settings_for("sqlite://", host=host, behind_tls_proxy=True).check_exposure()
    settings_for("sqlite://", host=host, allow_plain_http=True).check_exposure()
    pem = {"tls_certificate": Path("certificate.pem"), "tls_key": Path("key.pem")}
    settings_for("sqlite://", host=host, **pem).check_exposure()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_needs_no_certificate(host: str) -> None:
    settings_for("sqlite://", host=host).check_exposure()


def test_all_wrong_settings_are_named_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ONECLICK_ORCHESTRATOR_PORT", "many")
    file = tmp_path / "settings.env"
    file.write_text("ONECLICK_ORCHESTRATOR_PROVIDERS=omniphi_cloud,moon\n")
    with pytest.raises(SettingsWrong) as caught:
        load_settings(file)
    assert "PORT" in str(caught.value)
    assert "PROVIDERS" in str(caught.value)


def test_the_environment_wins_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "settings.env"
    file.write_text(
        "ONECLICK_ORCHESTRATOR_PORT=1234\nONECLICK_ORCHESTRATOR_CORS_ORIGINS=https://a.example, https://b.example\n"
    )
    monkeypatch.setenv("ONECLICK_ORCHESTRATOR_PORT", "4321")
    settings = load_settings(file)
    assert settings.port == 4321
    assert settings.cors_origins == ["https://a.example", "https://b.example"]


async def test_a_taken_port_is_said_with_its_holder(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as other:
        settings = settings_for(f"sqlite:///{tmp_path / 'a.sqlite'}", port=other.getsockname()[1])
        orchestrator = Orchestrator(settings, ChainAddress("test-1", "omni"))
        with pytest.raises(OrchestratorPortTaken, match="process"):
            await orchestrator.start()
        await orchestrator.stop()


def test_addresses_of_one_account_share_their_bytes() -> None:
    chain = Addresses("omni")
    account = chain.account(bytes(range(20)))
    assert chain.account_of_operator(chain.operator(account)) == account
    assert chain.operator(account).startswith("omnivaloper1")


@given(st.text(max_size=100))
def test_no_text_passes_for_an_address(text: str) -> None:
    with pytest.raises(NotAnAddress):
        Addresses("omni").account_bytes(text)
