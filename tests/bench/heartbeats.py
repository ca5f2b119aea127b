# SPDX-License-Identifier: Apache-2.0
"""Heartbeats a second, each answered after it is durable, against FastAPI + SQLAlchemy.

Budgets (issue 7): ratio >= 5, because heartbeats that come together share a commit; at 100k
validators >= 0.8 of the rate at 1k, because the row is found by an index; by-wallet p99 below
20 ms with 100k validators, so that the dashboard of one wallet does not feel the others.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path

import asyncpg
from sqlalchemy import insert

from bridge.device import DeviceKey
from bridge.orchestrator.chain.addresses import Addresses
from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.migrate import migrate
from bridge.orchestrator.db.tables import HeartbeatRow, SetupRequest
from bridge.orchestrator.enums import ProviderName, RunMode, SetupStatus
from tests.bench.http_load import Load, get_request, post_request, put_load
from tests.bench.report import Figure
from tests.helpers.postgres import NoPostgres, running_postgres

SIZES = (1_000, 10_000, 100_000)
CONNECTIONS = 64
SECONDS = 5.0
PATH = "/api/v1/validators/heartbeat"
PREFIX = "ONECLICK_ORCHESTRATOR_"
CHUNK = 2_000
PEER = "FastAPI + SQLAlchemy"


def key_of(number: int) -> str:
    """The consensus key of validator `number`."""
    return base64.b64encode(number.to_bytes(32)).decode()


def wallet_of(number: int) -> str:
    """Its wallet."""
    return Addresses("omni").account(number.to_bytes(20))


async def seed(address: str, size: int, device: DeviceKey) -> None:
    """Make `size` validators known: a setup request and a heartbeat each."""
    database = Database(address)
    await migrate(database)
    moment = now()
    for begin in range(0, size, CHUNK):
        numbers = range(begin, min(size, begin + CHUNK))
        beats = [
            {
                "id": uuid.uuid4(),
                "wallet_address": wallet_of(number),
                "consensus_pubkey": key_of(number),
                "block_height": 1,
                "uptime_seconds": 1,
                "local_rpc_port": 26657,
                "local_p2p_port": 26656,
                "device_key": device.public,
                "signed_ms": 1,
                "first_seen": moment,
                "last_seen": moment,
            }
            for number in numbers
        ]
        setups = [
            {
                "id": uuid.uuid4(),
                "wallet_address": wallet_of(number),
                "validator_name": f"Validator {number}",
                "commission_rate": Decimal("0.1"),
                "run_mode": RunMode.LOCAL,
                "provider": ProviderName.LOCAL,
                "consensus_pubkey": key_of(number),
                "status": SetupStatus.ACTIVE,
                "created_at": moment,
                "updated_at": moment,
            }
            for number in numbers
        ]
        async with database.engine.begin() as connection:
            await connection.execute(insert(SetupRequest), setups)
            await connection.execute(insert(HeartbeatRow), beats)
    settled = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with settled.connect() as connection:
        for step in ("VACUUM", "ANALYZE"):
            await connection.exec_driver_sql(step)
    await database.close()


def beats(size: int, port: int, device: DeviceKey | None, amount: int) -> Iterator[bytes]:
    """Prepared heartbeats of random validators; signed by `device` where there is one."""
    # Each validator once, then again: two of one validator are never on their way together.
    order = random.Random(1).sample(range(size), size)
    begin = time.time_ns() // 1_000_000 - amount // 100
    made = []
    for number in range(amount):
        who = order[number % size]
        body = json.dumps(
            {
                "walletAddress": wallet_of(who),
                "consensusPubkey": key_of(who),
                "blockHeight": 1_000 + number,
                "uptimeSeconds": number,
                "localRpcPort": 26657,
                "localP2pPort": 26656,
            }
        ).encode()
        headers = {} if device is None else device.sign(body, begin + number)
        made.append(post_request(PATH, port, body, headers))
    return iter(made)


def free_port() -> int:
    """A port nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def serving(command: list[str], port: int, env: dict[str, str]) -> Iterator[None]:
    """Run a server until its port answers, and end it afterwards."""
    with subprocess.Popen(command, env={**os.environ, **env}, stderr=subprocess.DEVNULL) as child:
        try:
            for _ in count():
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                if child.poll() is not None:
                    raise RuntimeError(f"{command} ended with {child.returncode}")
                time.sleep(0.1)
            yield
        finally:
            child.terminate()


def ours(address: str, port: int, folder: Path) -> contextlib.AbstractContextManager[None]:
    """Our orchestrator, as it is started anywhere; only the limits a minute are off."""
    env = {f"{PREFIX}{name}_PER_MINUTE": "0" for name in ("READS", "CHANGES", "HEARTBEATS")}
    env |= {f"{PREFIX}DATABASE_URL": address, "ONECLICK_DATA": str(folder)}
    env["ONECLICK_LOCALNET"] = str(folder)
    command = [sys.executable, "-m", "bridge.orchestrator", "--port", str(port)]
    return serving(command, port, env)


def peers(address: str, port: int) -> contextlib.AbstractContextManager[None]:
    """The FastAPI endpoint."""
    command = [sys.executable, "-m", "tests.bench.heartbeat_peer", address, str(port)]
    return serving(command, port, {})


def measure(port: int, requests: Iterator[bytes], connections: int, status: int = 200) -> Load:
    """A short warm-up, then the load."""
    asyncio.run(put_load(port, requests, connections=connections, seconds=1.0))
    load = asyncio.run(put_load(port, requests, connections=connections, seconds=SECONDS))
    load.check(status)
    return load


def new_database(folder: Path, postgres: str | None, like: str = "") -> str:
    """The address of an empty database, or of a copy of the one at `like`, written to disk."""
    name = f"b{uuid.uuid4().hex}"
    if postgres is None:
        made = folder / f"{name}.sqlite"
        if like:
            shutil.copy(like.removeprefix("sqlite:///"), made)
            os.sync()
        return f"sqlite:///{made}"

    async def make() -> str:
        connection = await asyncpg.connect(f"{postgres}/postgres")
        template = f" TEMPLATE {like.rpartition('/')[2]}" if like else ""
        await connection.execute(f"CREATE DATABASE {name}{template}")
        await connection.execute("CHECKPOINT")
        await connection.close()
        return f"{postgres}/{name}"

    return asyncio.run(make())


def run(argv: list[str]) -> Iterator[Figure]:
    """Print the figures of both databases, or of the one named."""
    parser = argparse.ArgumentParser(prog="heartbeats")
    parser.add_argument("--database", choices=["sqlite", "postgresql"])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    chosen = parser.parse_args(argv)
    kinds = [chosen.database] if chosen.database else ["sqlite", "postgresql"]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="oneclick-bench-")))
        device = DeviceKey.load_or_create(folder / "device")
        for kind in kinds:
            postgres = None
            if kind == "postgresql":
                try:
                    postgres = stack.enter_context(running_postgres())
                except NoPostgres as reason:
                    print(f"postgresql skipped: {reason}", file=sys.stderr)
                    continue
            for size in chosen.sizes:
                yield from one_size(kind, size, folder, postgres, device)


def one_size(
    kind: str, size: int, folder: Path, postgres: str | None, device: DeviceKey
) -> Iterator[Figure]:
    """The figures of one database with `size` validators known; each side has a copy of it."""
    seeded = new_database(folder, postgres)
    asyncio.run(seed(seeded, size, device))
    conditions = f"{kind}, {size} validators known, {CONNECTIONS} connections"
    port = free_port()
    with peers(new_database(folder, postgres, seeded), port):
        peer = measure(port, beats(size, port, None, 15_000), CONNECTIONS)
    port = free_port()
    with ours(new_database(folder, postgres, seeded), port, folder):
        mine = measure(port, beats(size, port, device, 50_000), CONNECTIONS)
        if size == max(SIZES):
            chance = random.Random(2)
            paths = (
                get_request(
                    f"/api/v1/validators/by-wallet/{wallet_of(chance.randrange(size))}", port
                )
                for _ in count()
            )
            listed = measure(port, paths, 8)
            yield Figure(
                "by_wallet_p99",
                listed.quantile(0.99) * 1000,
                "ms",
                conditions=f"{kind}, {size} validators known, 8 connections",
            )
    yield Figure("heartbeat_rps", mine.rate, "1/s", PEER, peer.rate, conditions=conditions)
    yield Figure(
        "heartbeat_p99",
        mine.quantile(0.99) * 1000,
        "ms",
        PEER,
        peer.quantile(0.99) * 1000,
        conditions=conditions,
    )
