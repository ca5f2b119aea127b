# SPDX-License-Identifier: Apache-2.0
"""An orchestrator with a certificate of its own speaks TLS and nothing else."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bridge.orchestrator.chain.client import ChainAddress
from bridge.orchestrator.server import Orchestrator
from tests.helpers.certificates import certificate
from tests.unit.bridge.orchestrator.conftest import settings_for

HANDSHAKE_SECONDS = 0.5


@pytest.fixture
async def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Orchestrator]:
    monkeypatch.setattr("bridge.web.connections.HEAD_SECONDS", HANDSHAKE_SECONDS)
    public, private = certificate(tmp_path)
    settings = settings_for(
        f"sqlite:///{tmp_path / 'a.sqlite'}", tls_certificate=public, tls_key=private
    )
    orchestrator = Orchestrator(settings, ChainAddress("test-1", "omni"))
    await orchestrator.start()
    yield orchestrator
    await orchestrator.stop()


async def test_it_answers_with_its_certificate(secure: Orchestrator, tmp_path: Path) -> None:
    trusting = ssl.create_default_context(cafile=tmp_path / "certificate.pem")
    async with ClientSession() as session:
        for _ in range(2):
            url = f"https://localhost:{secure.port}/livez"
            async with session.get(url, ssl=trusting) as response:
                assert response.status == 200


@pytest.mark.parametrize("said", [b"", b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"])
async def test_who_does_not_speak_tls_is_given_up(secure: Orchestrator, said: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", secure.port)
    writer.write(said)
    async with asyncio.timeout(HANDSHAKE_SECONDS * 6):
        try:
            answer = await reader.read()
        except ConnectionError:
            answer = b""
    writer.close()
    assert b"HTTP" not in answer
