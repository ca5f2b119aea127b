# SPDX-License-Identifier: Apache-2.0
"""A real validator client beside a charon with its simulated beacon node.

The simulated node lacks `/eth/v1/node/health`, and names some of its JSON `text/plain`; a real
client takes neither. Everything else passes through as it is.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web

from node_manager.obol.clients.kinds import CLIENTS

HEALTH = "/eth/v1/node/health"
SPECIFICATION = "/eth/v1/config/spec"
KEPT = ("accept", "content-type", "user-agent", "eth-consensus-version")
HOPS = {"content-length", "content-encoding", "transfer-encoding", "connection", "date"}
SECONDS = 30.0
SIMULATED = {
    "CONFIG_NAME": "holesky",
    "PRESET_BASE": "mainnet",
    "SECONDS_PER_SLOT": 1,
    "SLOTS_PER_EPOCH": 16,
    "GENESIS_FORK_VERSION": "0x01017000",
    "ALTAIR_FORK_VERSION": "0x02017000",
    "ALTAIR_FORK_EPOCH": 0,
    "BELLATRIX_FORK_VERSION": "0x03017000",
    "BELLATRIX_FORK_EPOCH": 0,
    "CAPELLA_FORK_VERSION": "0x04017000",
    "CAPELLA_FORK_EPOCH": 256,
    "DENEB_FORK_VERSION": "0x04017001",
    "DENEB_FORK_EPOCH": 257,
    "ELECTRA_FORK_VERSION": "0x05017000",
    "ELECTRA_FORK_EPOCH": 29696,
    "FULU_FORK_VERSION": "0x07017000",
    "FULU_FORK_EPOCH": 18446744073709551615,
}
"""The fork schedule that the simulated node tells (its last fork under today's name).

What it tells of its specification is another one, by which charon does not check signatures.
"""

OWN_CHAIN = {"prysm": ("--*", "--chain-config-file"), "lodestar": ("validator", "--paramsFile")}
"""How a client is told of the simulated chain: a command's first word, and the flag for it."""

PRESETS = {"lodestar": ("LODESTAR_PRESET", "gnosis")}
"""What a client has compiled in with the 16 slots an epoch of the simulated chain."""

UNSAID = (
    "BASE_REWARD_FACTOR",
    "EPOCHS_PER_SYNC_COMMITTEE_PERIOD",
    "MAX_CONSOLIDATION_REQUESTS_PER_PAYLOAD",
    "MAX_VALIDATORS_PER_WITHDRAWALS_SWEEP",
    "MAX_WITHDRAWALS_PER_PAYLOAD",
    "MIN_GENESIS_TIME",
)
"""What is otherwise in that preset, and is not missed in what the node tells."""


@dataclass(frozen=True)
class RealClient:
    """A validator client's own program."""

    kind: str
    program: Path

    @classmethod
    def named(cls) -> RealClient | None:
        """The first that the environment names."""
        for kind in CLIENTS:
            program = shutil.which(os.environ.get(f"ONECLICK_VC_{kind.upper()}", "") or "no-client")
            if program is not None:
                return cls(kind, Path(program).absolute())
        return None

    def behind(self, manners: BeaconManners, folder: Path) -> Path:
        """The program with its launch line as ours has it, but for charon's address."""
        wrapper, chain = folder / "client", folder / "simulated-chain.yaml"
        told: dict[str, object] = dict(SIMULATED)
        program = shlex.quote(str(self.program))
        argument = f'"${{@//{manners.target}/{manners.address}}}"'
        lines = ["#!/bin/bash"]
        if self.kind in PRESETS:
            name, preset = PRESETS[self.kind]
            told["PRESET_BASE"] = preset
            lines.append(f"export {name}={preset}")
        if self.kind in OWN_CHAIN:  # its networks are compiled in: the simulated chain is none
            first, flag = OWN_CHAIN[self.kind]
            own = f"{flag}={shlex.quote(str(chain))}"
            begun = f'"$1" == {first} && "$2" != slashing-protection'
            lines.append(f"[[ {begun} ]] && exec {program} {argument} {own}")
        chain.write_text("".join(f"{name}: {value}\n" for name, value in told.items()))
        manners.told = {name: str(value) for name, value in told.items()}
        lines.append(f"exec {program} {argument}")
        wrapper.write_text("\n".join(lines) + "\n")
        wrapper.chmod(0o700)
        return wrapper


class BeaconManners:
    """A proxy on loopback between the two.

    Attributes:
        asked: how often each path was asked, with the answer's status.
        told: what is told of the chain otherwise than by the node.
    """

    def __init__(self, target: str) -> None:
        """`target` is the validator API as "host:port"."""
        self.target = target
        self.told: dict[str, str] = {}
        self.asked: Counter[tuple[str, int]] = Counter()
        self._runner: web.AppRunner | None = None
        self._client: httpx.AsyncClient | None = None
        self.address = ""

    async def start(self) -> None:
        self._client = httpx.AsyncClient(trust_env=False, timeout=SECONDS)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"{host}:{port}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._client is not None:
            await self._client.aclose()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        if request.path == HEALTH:
            return web.Response()
        if request.path == "/eth/v1/events":
            return await self._events(request)
        assert self._client is not None
        try:
            answer = await self._client.request(
                request.method,
                f"http://{self.target}{request.path_qs}",
                content=await request.read(),
                headers=_kept(request),
            )
        except httpx.HTTPError as error:
            return web.Response(status=502, text=type(error).__name__)
        self.asked[request.path, answer.status_code] += 1
        if request.path == SPECIFICATION and answer.is_success:
            told = {**answer.json()["data"], **self.told}
            return web.json_response({"data": {k: v for k, v in told.items() if k not in UNSAID}})
        headers = {
            name: value for name, value in answer.headers.items() if name.lower() not in HOPS
        }
        if answer.content.lstrip()[:1] in {b"{", b"["}:
            headers["content-type"] = "application/json"
        return web.Response(status=answer.status_code, body=answer.content, headers=headers)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """The stream of events goes on as long as the client listens."""
        assert self._client is not None
        stream = web.StreamResponse(headers={"content-type": "text/event-stream"})
        url = f"http://{self.target}{request.path_qs}"
        with contextlib.suppress(httpx.HTTPError, ConnectionError):  # one of both is gone
            async with self._client.stream(
                "GET", url, headers=_kept(request), timeout=None
            ) as answer:
                await stream.prepare(request)
                async for part in answer.aiter_raw():
                    await stream.write(part)
        return stream


def _kept(request: web.Request) -> dict[str, Any]:
    return {name: value for name, value in request.headers.items() if name.lower() in KEPT}
