# SPDX-License-Identifier: Apache-2.0
"""The orchestrator as a whole: opens its parts in order and closes them in reverse."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence

import structlog
from aiohttp import web

from bridge.orchestrator.api.auth_routes import AuthRoutes
from bridge.orchestrator.api.docs import docs_routes
from bridge.orchestrator.api.front import Front
from bridge.orchestrator.api.heartbeat_routes import HeartbeatRoutes
from bridge.orchestrator.api.log_routes import LogRoutes
from bridge.orchestrator.api.metrics import Metrics
from bridge.orchestrator.api.operations_routes import OperationsRoutes
from bridge.orchestrator.api.operator_routes import OperatorRoutes
from bridge.orchestrator.api.setup_routes import SetupRoutes
from bridge.orchestrator.api.transaction_routes import TransactionRoutes
from bridge.orchestrator.auth.callers import Callers
from bridge.orchestrator.auth.devices import Devices
from bridge.orchestrator.auth.operators import Operators
from bridge.orchestrator.auth.wallets import Wallets
from bridge.orchestrator.chain.client import ChainAddress, ChainClient
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.migrate import migrate
from bridge.orchestrator.errors import OrchestratorPortTaken, SettingsWrong
from bridge.orchestrator.heartbeats import HeartbeatStore
from bridge.orchestrator.known_wallets import KnownWallets
from bridge.orchestrator.node_logs import NodeLogs
from bridge.orchestrator.portal.files import PortalFiles
from bridge.orchestrator.portal.heartbeat_seen import heartbeat_of
from bridge.orchestrator.portal.network import NetworkBody
from bridge.orchestrator.portal.routes import PortalRoutes
from bridge.orchestrator.portal.standing import Standings
from bridge.orchestrator.settings import Settings
from bridge.orchestrator.setups import Setups
from bridge.web.connections import BODY_BYTES, Connections, LimitedSite, limited_runner
from bridge.web.problems import problems
from bridge.web.routes import Route, add_routes
from bridge.web.sockets import holder_of, listen, taken

log = structlog.get_logger(__name__)

MAX_CONNECTIONS = 4000


class Orchestrator:
    """One instance of the service."""

    def __init__(
        self, settings: Settings, chain: ChainAddress, network: NetworkBody | None = None
    ) -> None:
        """With `network` it serves the portal, which has to know what it speaks of."""
        self.settings = settings
        self.database = Database(settings.database_url)
        self.chain = ChainClient(chain)
        self.operators = Operators(self.database)
        self.wallets = Wallets(self.database, settings)
        self.heartbeats = HeartbeatStore(self.database)
        self._known_wallets = KnownWallets(self.database, self.chain.addresses)
        self._devices = Devices(settings.heartbeat_skew_seconds)
        self.setups = Setups(self.database, frozenset(settings.providers))
        self.logs = NodeLogs(self.database)
        self.port = 0
        self._portal = None
        if network is not None:
            standings = Standings(self.chain, heartbeat_of(self.database))
            self._portal = PortalRoutes(network, standings, self.chain.addresses)
        self._metrics = Metrics()
        self._connections = Connections(MAX_CONNECTIONS)
        self._runner: web.AppRunner | None = None
        self._stopping = False

    async def start(self) -> None:
        """Open.

        Raises:
            PlainHttpInPublic: the settings would serve tokens in the clear.
            DatabaseUnreachable: the database does not answer.
            DatabaseTooNew: a later version made it.
            OrchestratorPortTaken: another program listens there.
            SettingsWrong: the certificate cannot be used.
        """
        self.settings.check_exposure()
        tls = await asyncio.to_thread(_tls, self.settings)
        if self.settings.migrate_at_start:
            await migrate(self.database)
        else:
            await self.database.check()
        await self._known_wallets.load()
        listener = await self._listen()
        front = Front(self.settings, self._metrics)
        app = web.Application(
            middlewares=[self._connections.watch, front.check, problems],
            client_max_size=BODY_BYTES,
        )
        app.on_response_prepare.append(front.mark)
        add_routes(app, self.routes())
        runner = limited_runner(app)
        try:
            await runner.setup()
            await LimitedSite(runner, listener, self._connections, ssl_context=tls).start()
        except BaseException:
            await runner.cleanup()
            listener.close()
            raise
        self.heartbeats.start()
        self.chain.start()
        self._runner = runner
        self.port = listener.getsockname()[1]
        log.info("orchestrator open", host=self.settings.host, port=self.port)

    async def stop(self) -> None:
        """Answer what is in hand, then close; harmless when it is closed."""
        self._stopping = True
        runner, self._runner = self._runner, None
        if self._portal is not None:
            self._portal.close()
        if runner is not None:
            await runner.cleanup()
        self._devices.close()
        await self.heartbeats.stop()
        await self.chain.stop()
        await self.database.close()

    def routes(self) -> Sequence[Route]:
        """Everything it answers to."""
        callers = Callers(self.wallets, self.operators)
        described = [
            *SetupRoutes(self.setups, self.chain, callers).routes(),
            *LogRoutes(self.setups, self.logs, callers).routes(),
            *HeartbeatRoutes(
                self.database,
                self.heartbeats,
                self._devices,
                callers,
                self.chain,
                self._known_wallets,
            ).routes(),
            *TransactionRoutes(self.chain).routes(),
            *AuthRoutes(self.wallets, callers, self.chain.addresses).routes(),
            *OperatorRoutes(self.database, self.setups, callers).routes(),
            *OperationsRoutes(
                self.database,
                self.chain,
                self.settings,
                callers,
                self._metrics,
                lambda: self._stopping,
            ).routes(),
        ]
        if self._portal is None:
            return [*described, *docs_routes(described)]
        described += self._portal.routes()
        pages = PortalFiles(self.settings.bridge_port).routes()
        return [*described, *docs_routes(described), *pages]

    async def _listen(self) -> socket.socket:
        try:
            return listen(self.settings.host, self.settings.port)
        except OSError as error:
            if not taken(error):
                raise SettingsWrong(reason=f"HOST: {error.strerror or error}") from error
            holder = await asyncio.to_thread(holder_of, self.settings.port)
            raise OrchestratorPortTaken(port=self.settings.port, holder=holder) from error


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise SettingsWrong(reason=f"TLS_CERTIFICATE, TLS_KEY: {error}") from error
    return context
