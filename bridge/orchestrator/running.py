# SPDX-License-Identifier: Apache-2.0
"""The processes of the orchestrator: serve, work, migrate, keys."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path

import structlog
from sqlalchemy.exc import IntegrityError

from bridge.orchestrator.auth.operators import Operators
from bridge.orchestrator.chain.client import ChainAddress, ChainClient
from bridge.orchestrator.chain.profiles import chain_of
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.migrate import migrate
from bridge.orchestrator.node_logs import LogReader
from bridge.orchestrator.portal.network import network_of
from bridge.orchestrator.providers.offered import providers_of
from bridge.orchestrator.server import Orchestrator
from bridge.orchestrator.settings import Settings, load_settings
from bridge.orchestrator.work.health import NodeHealth
from bridge.orchestrator.work.provisioner import Provisioner
from bridge.orchestrator.work.worker import Worker
from node_manager.durable import make_private_folder
from node_manager.layout import Layout

log = structlog.get_logger(__name__)


def settings_of(layout: Layout, file: Path | None, **overrides: object) -> Settings:
    """The settings of this process; without a database address, the file in the data folder.

    Raises:
        SettingsWrong: a value is not allowed.
    """
    settings = load_settings(file, **overrides)
    if settings.database_url:
        return settings
    make_private_folder(layout.orchestrator.parent)
    return settings.model_copy(update={"database_url": f"sqlite:///{layout.orchestrator}"})


async def serve(settings: Settings, layout: Layout, file: Path | None = None) -> int:
    """Serve until told to end; `file` is the settings file, for settings of a part alone."""
    chain = await asyncio.to_thread(chain_of, settings, layout)
    network = await asyncio.to_thread(network_of, settings, chain, layout)
    orchestrator = Orchestrator(settings, chain, network)
    worker = (
        _worker(settings, orchestrator.database, chain, layout, file)
        if settings.work_in_process
        else None
    )
    ended = _ended_by_signal()
    try:
        await orchestrator.start()
        if worker is not None:
            worker.start()
        await ended.wait()
    finally:
        if worker is not None:
            await worker.stop()
        await orchestrator.stop()
    return 0


async def work(settings: Settings, layout: Layout, file: Path | None = None) -> int:
    """Work until told to end; `file` as for `serve`."""
    chain = await asyncio.to_thread(chain_of, settings, layout)
    database = Database(settings.database_url)
    worker = _worker(settings, database, chain, layout, file)
    ended = _ended_by_signal()
    try:
        await database.check()
        worker.start()
        await ended.wait()
    finally:
        await worker.stop()
        await database.close()
    return 0


async def bring(settings: Settings, target: str) -> int:
    """Migrate and print the revision."""
    database = Database(settings.database_url)
    try:
        revision = await migrate(database, target)
    finally:
        await database.close()
    print(f"The tables are at revision {revision or 'none'}.")  # noqa: T201
    return 0


async def change_key(settings: Settings, change: str, name: str) -> int:
    """Make or end an operator's key; a new one is printed once."""
    database = Database(settings.database_url)
    operators = Operators(database)
    try:
        await migrate(database)
        if change == "revoke":
            ended = await operators.revoke(name)
            print(f"Key {name} is revoked." if ended else f"No key {name} holds.")  # noqa: T201
            return 0 if ended else 1
        try:
            key = await operators.create(name)
        except IntegrityError:
            print(f"A key named {name} exists already.")  # noqa: T201
            return 1
        print(key)  # noqa: T201
        return 0
    finally:
        await database.close()


def _worker(
    settings: Settings, database: Database, chain: ChainAddress, layout: Layout, file: Path | None
) -> Worker:
    providers, client = providers_of(settings, layout, file), ChainClient(chain)
    provisioner = Provisioner(database, providers, client, settings.network)
    return Worker(
        database,
        client,
        provisioner.handlers() if providers else {},
        health=NodeHealth(database, providers) if providers else None,
        logs=LogReader(database, providers) if providers else None,
        lease_seconds=settings.lease_seconds,
    )


def _ended_by_signal() -> asyncio.Event:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as an exception
            loop.add_signal_handler(number, ended.set)
    return ended
