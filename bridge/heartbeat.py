# SPDX-License-Identifier: Apache-2.0
"""Says to the orchestrator, every half minute, that the validators of this computer live.

Body: the contract of POST /api/v1/validators/heartbeat.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from bridge.device import DeviceKey, encoded
from bridge.heartbeat_errors import HeartbeatRefused, OrchestratorUnreachable
from bridge.server.view import NodesView
from node_manager.events import Broadcast, DoorChanged
from node_manager.explanation import OneClickError
from node_manager.state import NodeStatus

log = structlog.get_logger(__name__)

PATH = "/api/v1/validators/heartbeat"
ANSWER_SECONDS = 10.0
LONGEST_WAIT = 600.0
JITTER = 0.1
"""Share of the interval by which it varies, so that restarted computers do not come at once."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where heartbeats go.

    Attributes:
        url: the orchestrator, without a path.
        seconds: between two heartbeats that were accepted.
    """

    url: str
    seconds: float = 30.0


class Heartbeat:
    """Sends heartbeats for every node that is known to live, until stopped."""

    def __init__(
        self,
        view: NodesView,
        broadcast: Broadcast,
        device: DeviceKey,
        target: Target,
        *,
        wallet_of: Callable[[str], str] = lambda node_id: "",
        rng: random.Random | None = None,
    ) -> None:
        self._view = view
        self._broadcast = broadcast
        self._device = device
        self._target = target
        self._wallet_of = wallet_of
        self._random = rng or random.Random()  # noqa: S311  (jitter, not a secret)
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._failures = 0
        self._accepted_at: float | None = None
        self._told: DoorChanged | None = None

    @property
    def state(self) -> DoorChanged | None:
        """What was last told, None before the first time."""
        return self._told

    def start(self) -> None:
        """Begin; the first heartbeats leave at once. Needs a running loop."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="heartbeat")

    async def stop(self) -> None:
        """End; harmless when it does not run."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self._tell("off", "off")

    def aim(self, target: Target) -> None:
        """Send to `target` from now on."""
        if target != self._target:
            self._target = target
            self._failures = 0
            self._wake.set()

    def send_now(self) -> None:
        """Do not wait for the next time (a node just started)."""
        self._wake.set()

    async def _run(self) -> None:
        async with ClientSession(timeout=ClientTimeout(total=ANSWER_SECONDS)) as session:
            while True:
                self._wake.clear()
                await self._round(session)
                try:
                    await asyncio.wait_for(self._wake.wait(), self._pause())
                except TimeoutError:
                    continue

    def _pause(self) -> float:
        grown = self._target.seconds * 2.0 ** min(self._failures, 16)
        base = min(grown, max(LONGEST_WAIT, self._target.seconds))
        return base * self._random.uniform(1 - JITTER, 1 + JITTER)

    async def _round(self, session: ClientSession) -> None:
        living = [body for one in self._view.statuses() if (body := self._body(one)) is not None]
        if not living:
            self._failures = 0
            self._tell("working", "waits for a running validator")
            return
        target = self._target
        try:
            for body in living:
                await self._send(session, target, body)
        except OneClickError as error:
            self._failures += 1
            log.info("heartbeat not accepted", reason=str(error), failures=self._failures)
            self._tell("failed", "not accepted", error)
            return
        self._failures = 0
        self._accepted_at = time.time()
        self._tell("ok", "accepted")

    def _body(self, status: NodeStatus) -> bytes | None:
        """The contract's body, None while the node does not live or a figure is not known."""
        height = status.height.current()
        if status.consensus_pubkey is None or not status.state.alive or height is None:
            return None
        if status.started_at is None or status.rpc_port is None or status.p2p_port is None:
            return None
        return json.dumps(
            {
                "walletAddress": self._wallet_of(status.node_id),
                "consensusPubkey": encoded(status.consensus_pubkey),
                "blockHeight": height,
                "uptimeSeconds": max(0, int(time.time() - status.started_at)),
                "localRpcPort": status.rpc_port,
                "localP2pPort": status.p2p_port,
            }
        ).encode()

    async def _send(self, session: ClientSession, target: Target, body: bytes) -> None:
        headers = {"Content-Type": "application/json", **self._device.sign(body)}
        url = target.url.rstrip("/") + PATH
        try:
            async with session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as response:
                if response.status not in {200, 201}:
                    raise await _refusal(target.url, response)
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            reason = (
                "It does not answer in time." if isinstance(error, TimeoutError) else str(error)
            )
            raise OrchestratorUnreachable(url=target.url, reason=reason) from error

    def _tell(self, state: str, note: str, error: OneClickError | None = None) -> None:
        reason = None if error is None else error.explanation
        self._told = DoorChanged("heartbeat", state, note, self._accepted_at, reason)
        self._broadcast.publish(self._told)


async def _refusal(url: str, response: ClientResponse) -> HeartbeatRefused:
    reason, todo = response.reason or "No reason was given.", ""
    try:
        told = await response.json(content_type=None)
        if isinstance(told, dict):
            reason, todo = str(told.get("detail") or reason), str(told.get("todo") or "")
    except (ClientError, ValueError):
        pass
    return HeartbeatRefused(url=url, reason=reason[:500], status=response.status, todo=todo[:500])
