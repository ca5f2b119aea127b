# SPDX-License-Identifier: Apache-2.0
"""`/heartbeat`: what apps send, and the newest of each."""

from __future__ import annotations

from urllib.parse import unquote

from aiohttp import web
from sqlalchemy import select, update

from bridge.orchestrator.api.front import actor_of
from bridge.orchestrator.api.models import (
    Done,
    HeartbeatAnswer,
    HeartbeatAsked,
    HeartbeatBody,
    RebindAsked,
)
from bridge.orchestrator.audit import note
from bridge.orchestrator.auth.callers import Callers
from bridge.orchestrator.auth.devices import Devices
from bridge.orchestrator.chain.addresses import NotAnAddress
from bridge.orchestrator.chain.client import ChainClient
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.heartbeat_upsert import HeartbeatSent
from bridge.orchestrator.db.tables import HeartbeatRow
from bridge.orchestrator.heartbeats import HeartbeatStore
from bridge.orchestrator.known_wallets import KnownWallets
from bridge.web.errors import Invalid, NoSuchThing
from bridge.web.problem_document import Problem
from bridge.web.routes import Route, answer, parse_body, read_body, read_bytes

BASE = "/api/v1/validators/heartbeat"
# A base64 key may hold slashes; clients send them as they are or as %2F.
ONE = BASE + "/{pubkey:.+}"
DEVICE = BASE + "/{pubkey:.+}/device"
_PLACE = {"pubkey": {"type": "string", "pattern": "^[A-Za-z0-9+/]{43}=$"}}


class HeartbeatRoutes:
    """Handlers of heartbeats."""

    def __init__(
        self,
        database: Database,
        store: HeartbeatStore,
        devices: Devices,
        callers: Callers,
        chain: ChainClient,
        wallets: KnownWallets,
    ) -> None:
        self._chain = chain
        self._database = database
        self._store = store
        self._devices = devices
        self._callers = callers
        self._wallets = wallets

    def routes(self) -> list[Route]:
        """The table of these routes; the longer path stands before the one that holds it."""
        return [
            Route(
                "POST", BASE, self.send, "Say that a local validator lives",
                {200: HeartbeatAnswer, 409: Problem, 503: Problem},
                body=HeartbeatAsked, needs=("device",), tag="heartbeats",
            ),
            Route(
                "POST", DEVICE, self.rebind, "Bind another device to a consensus key",
                {200: Done, 404: Problem}, body=RebindAsked, needs=("wallet",), places=_PLACE,
                tag="heartbeats",
            ),
            Route(
                "GET", ONE, self.newest, "The newest heartbeat of a consensus key",
                {200: HeartbeatBody, 404: Problem}, places=_PLACE, tag="heartbeats",
            ),
        ]  # fmt: skip

    async def send(self, request: web.Request) -> web.StreamResponse:
        """POST /heartbeat."""
        body = await read_bytes(request)
        sent = parse_body(body, HeartbeatAsked)
        if sent.wallet_address:
            self._check_address(sent.wallet_address)
        device = await self._devices.check(request, body)
        stored = await self._store.store(
            HeartbeatSent(
                wallet_address=sent.wallet_address,
                consensus_pubkey=sent.consensus_pubkey,
                block_height=sent.block_height,
                uptime_seconds=sent.uptime_seconds,
                local_rpc_port=sent.local_rpc_port,
                local_p2p_port=sent.local_p2p_port,
                device_key=device.key,
                signed_ms=device.signed_ms,
            )
        )
        return answer(
            HeartbeatAnswer(
                id=stored.id, block_height=stored.block_height, last_seen=stored.last_seen
            )
        )

    async def newest(self, request: web.Request) -> web.StreamResponse:
        """GET /heartbeat/{pubkey}."""
        row = await self._row(request)
        return answer(
            HeartbeatBody(
                id=row.id,
                wallet_address=row.wallet_address,
                consensus_pubkey=row.consensus_pubkey,
                block_height=row.block_height,
                uptime_seconds=row.uptime_seconds,
                local_rpc_port=row.local_rpc_port,
                local_p2p_port=row.local_p2p_port,
                first_seen=row.first_seen,
                last_seen=row.last_seen,
            )
        )

    async def rebind(self, request: web.Request) -> web.StreamResponse:
        """POST /heartbeat/{pubkey}/device: only the wallet whose validator has this key."""
        caller = await self._callers.require(request)
        asked = await read_body(request, RebindAsked)
        row = await self._row(request)
        caller.own(self._owner(row))
        async with self._database.sessions.begin() as session:
            await session.execute(
                update(HeartbeatRow)
                .where(HeartbeatRow.id == row.id)
                .values(device_key=asked.device_key, signed_ms=0)
            )
            note(
                session, actor_of(request, caller), "heartbeat.rebind", row.consensus_pubkey,
                before=row.device_key, after=asked.device_key,
            )  # fmt: skip
        return answer(Done(message="Device bound"))

    def _owner(self, row: HeartbeatRow) -> str:
        """The wallet on chain; before there is one, the wallet that the pinned device named."""
        found = self._chain.snapshot.by_pubkey.get(row.consensus_pubkey)
        if found is None:
            return row.wallet_address
        return self._chain.addresses.account_of_operator(found.operator_address)

    async def _row(self, request: web.Request) -> HeartbeatRow:
        pubkey = unquote(request.match_info["pubkey"])
        query = select(HeartbeatRow).where(HeartbeatRow.consensus_pubkey == pubkey)
        found = [] if "\0" in pubkey else await self._database.rows(query)
        if not found:
            raise NoSuchThing(thing="A heartbeat of this key")
        row: HeartbeatRow = found[0][0]
        return row

    def _check_address(self, address: str) -> None:
        try:
            self._wallets.check(address)
        except NotAnAddress as error:
            fault = ("walletAddress", str(error))
            raise Invalid(reason=": ".join(fault), faults=(fault,)) from error
