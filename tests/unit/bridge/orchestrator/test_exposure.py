# SPDX-License-Identifier: Apache-2.0
"""Settings, limits and proxies: what a public service must get right."""

from __future__ import annotations

import ipaddress
from pathlib import Path

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


async def test_too_many_changes_are_turned_away_and_reads_go_on(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'a.sqlite'}", changes_per_minute=8)
    orchestrator = Orchestrator(settings, ChainAddress("test-1", "omni"))
    await orchestrator.start()
    async with ClientSession() as session:
        client = Client(orchestrator, session)
        answers = [(await client.post(f"{V1}/stop", {})).status for _ in range(4)]
        assert answers == [401, 401, 429, 429]
        assert (await client.get("/api/v1/health")).status == 200
    await orchestrator.stop()


async def test_only_listed_origins_may_read_across(tmp_path: Path) -> None:
    portal = "https://portal.example"
    settings = settings_for(f"sqlite:///{tmp_path / 'a.sqlite'}", cors_origins=[portal])
    orchestrator = Orchestrator(settings, ChainAddress("test-1", "omni"))
    await orchestrator.start()
    async with ClientSession() as session:
        client = Client(orchestrator, session)
        found = await client.get("/api/v1/health", Origin=portal)
        assert found.headers["Access-Control-Allow-Origin"] == portal
        for origin in ("https://evil.example", "null", f"{portal}.evil.example"):
            other = await client.get("/api/v1/health", Origin=origin)
            assert "Access-Control-Allow-Origin" not in other.headers
            assert other.headers["Vary"] == "Origin"
        asked = {"Origin": portal, "Access-Control-Request-Method": "POST"}
        async with session.options(f"{client.url}{V1}/stop", headers=asked) as response:
            assert response.status == 204
            assert response.headers["Access-Control-Allow-Origin"] == portal
        asked["Origin"] = "https://evil.example"
        async with session.options(f"{client.url}{V1}/stop", headers=asked) as response:
            assert response.status == 403
    await orchestrator.stop()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_plain_http_in_public_needs_a_word(host: str) -> None:
    with pytest.raises(PlainHttpInPublic, match="BEHIND_TLS_PROXY"):
        settings_for("sqlite://", host=host).check_exposure()
    settings_for("sqlite://", host=host, behind_tls_proxy=True).check_exposure()
    settings_for("sqlite://", host=host, allow_plain_http=True).check_exposure()


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
