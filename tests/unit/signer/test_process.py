# SPDX-License-Identifier: Apache-2.0
"""The signer as the app starts it: a real process."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node_manager.keys.secret import SecretBytes
from node_manager.keys.signing_state import SigningState
from node_manager.layout import NodeFolder
from node_manager.signer.control import SignerControl
from node_manager.signer.errors import (
    AlreadySigning,
    JournalMissing,
    JournalOld,
    JournalTorn,
    PlanRefused,
    SignerUnreachable,
    WrongKey,
    explain_exit,
)
from node_manager.signer.journal import FILE, Journal
from node_manager.signer.launch import plan_for, signer_launch, wipe_stdin
from node_manager.signer.plan import SignerPlan
from node_manager.signer.record import FolderRecord
from node_manager.signer.signlog import read_last_words
from tests.unit.signer.ballots import CHAIN

SEED = bytes(range(32))


class Runner:
    """Starts signers of one folder and ends them."""

    def __init__(self, folder: Path, pubkey: bytes) -> None:
        self.plan = SignerPlan(
            chain_id=CHAIN,
            pubkey=pubkey,
            folder=folder / "signer",
            node_address=f"unix://{folder}/pv.sock",
            control=folder / "run" / "control",
            lock_folder=folder / "locks",
        )
        self.log = folder / "log"
        self.control = SignerControl(self.plan.control)
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, order: bytes | None = None, **changes: object) -> subprocess.Popen[bytes]:
        plan = replace(self.plan, **changes)  # type: ignore[arg-type]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "node_manager.signer"],
                stdin=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
            )
        self.running.append(process)
        assert process.stdin is not None
        process.stdin.write(plan.to_line() + SEED if order is None else order)
        process.stdin.close()
        return process

    def refused(self, order: bytes | None = None, **changes: object) -> str:
        """The code of the explanation with which it ends."""
        process = self.start(order, **changes)
        words = read_last_words
        explanation = explain_exit(process.wait(20), words(self.log.read_text().splitlines()))
        assert explanation is not None
        assert "unknown" not in explanation.filled()[0]
        return explanation.code

    async def answering(self) -> SignerControl:
        for _ in range(400):
            try:
                await self.control.figures()
            except SignerUnreachable:
                await asyncio.sleep(0.025)
            else:
                return self.control
        raise AssertionError(self.log.read_text())


@pytest.fixture
def runner(short_folder: Path, pubkey: bytes) -> Iterator[Runner]:
    runner = Runner(short_folder, pubkey)
    yield runner
    for process in runner.running:
        process.kill()
        process.wait()


@pytest.fixture
def recorded(runner: Runner, pubkey: bytes) -> Runner:
    Journal.create(runner.plan.folder, CHAIN, pubkey, SigningState.before(50)).close()
    return runner


async def test_it_tells_its_figures_and_stops_when_asked(recorded: Runner) -> None:
    process = recorded.start()
    control = await recorded.answering()
    figures = await control.figures()
    assert (figures.connected, figures.height, figures.signed) == (False, 49, 0)
    assert await control.pid() == process.pid
    await control.stop()
    assert await asyncio.to_thread(process.wait, 10) == 0
    assert not recorded.plan.control.exists()
    with pytest.raises(SignerUnreachable):
        await control.figures()


async def test_its_floor_is_raised_while_it_runs_and_never_lowered(recorded: Runner) -> None:
    recorded.start()
    control = await recorded.answering()
    await control.raise_floor(70)
    await control.raise_floor(60)
    assert (await control.figures()).height == 70
    record = FolderRecord(recorded.plan.folder, CHAIN, recorded.plan.pubkey)
    assert record.newest() == SigningState.before(71)


async def test_a_path_too_long_for_a_unix_socket_gets_a_port_and_a_token(
    recorded: Runner, tmp_path: Path
) -> None:
    control = tmp_path / ("long" * 25) / "control"
    recorded.start(control=control)
    recorded.control = SignerControl(control)
    await recorded.answering()
    door = json.loads((control.parent / "control.port").read_text())
    reader, writer = await asyncio.open_connection("127.0.0.1", door["port"])
    writer.write(b'{"do": "stop", "token": "00"}\n')
    assert b"token" in await reader.readline()
    writer.close()
    assert (await recorded.control.figures()).height == 49


@pytest.mark.parametrize(
    "line", [b"", b"x", b"[]", b"5", b"[" * 4000, b'{"do": "raise_floor"}', b'{"do": "else"}']
)
async def test_its_door_survives_what_is_no_request(recorded: Runner, line: bytes) -> None:
    recorded.start()
    control = await recorded.answering()
    reader, writer = await asyncio.open_unix_connection(recorded.plan.control)
    writer.write(line + b"\n")
    assert b"ok" not in await reader.read()
    writer.close()
    assert (await control.figures()).height == 49


async def test_it_ends_in_order_when_terminated(recorded: Runner) -> None:
    process = recorded.start()
    await recorded.answering()
    process.terminate()
    assert await asyncio.to_thread(process.wait, 10) == 0


async def test_one_key_signs_once_on_a_machine(
    recorded: Runner, short_folder: Path, pubkey: bytes
) -> None:
    recorded.start()
    await recorded.answering()
    assert recorded.refused() == AlreadySigning.code
    other = short_folder / "elsewhere"
    Journal.create(other, CHAIN, pubkey).close()
    assert recorded.refused(folder=other) == AlreadySigning.code


def test_without_its_record_it_does_not_start(runner: Runner) -> None:
    assert runner.refused() == JournalMissing.code


def test_with_a_torn_record_it_does_not_start(recorded: Runner) -> None:
    with (recorded.plan.folder / FILE).open("r+b") as file:
        file.write(b"torn")
    assert recorded.refused() == JournalTorn.code


@pytest.mark.parametrize(
    ("seen_height", "seen_round", "old"), [(49, 0, False), (50, 0, True), (48, 9, False)]
)
async def test_a_record_below_what_the_chain_shows_is_old(
    recorded: Runner, seen_height: int, seen_round: int, old: bool
) -> None:
    if old:
        assert (
            await asyncio.to_thread(
                recorded.refused, seen_height=seen_height, seen_round=seen_round
            )
            == JournalOld.code
        )
    else:
        recorded.start(seen_height=seen_height, seen_round=seen_round)
        await recorded.answering()


async def test_told_to_repair_it_signs_above_the_chain(runner: Runner) -> None:
    runner.start(seen_height=99, repair_above=101)
    assert (await (await runner.answering()).figures()).height == 101


async def test_a_good_record_is_not_touched_by_a_repair(recorded: Runner) -> None:
    recorded.start(repair_above=1000)
    assert (await (await recorded.answering()).figures()).height == 49


def test_another_key_than_the_plan_says_is_refused(recorded: Runner) -> None:
    assert recorded.refused(pubkey=bytes(32)) == WrongKey.code


@pytest.mark.parametrize("order", [b"", b"{}\n", b"\n" + SEED, b"{}\n" + SEED, b"x" * 20_000])
def test_an_order_that_is_none_is_refused(recorded: Runner, order: bytes) -> None:
    assert recorded.refused(order) == PlanRefused.code


async def test_the_key_is_nowhere_but_in_its_memory(recorded: Runner, short_folder: Path) -> None:
    process = recorded.start()
    await recorded.answering()
    places = [path.read_bytes() for path in short_folder.rglob("*") if path.is_file()]
    if sys.platform == "linux":
        places.append(Path(f"/proc/{process.pid}/cmdline").read_bytes())
        places.append(Path(f"/proc/{process.pid}/environ").read_bytes())
    assert len(places) >= 3
    for content in places:
        assert SEED not in content
        assert SEED.hex().encode() not in content


def test_it_loads_nothing_that_a_key_does_not_need() -> None:
    heavy = ["pydantic", "structlog", "asyncio", "httpx", "psutil", "platformdirs", "filelock"]
    code = "import sys, node_manager.signer.main; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "node_manager.signer.guard" in loaded
    assert [name for name in heavy if name in loaded] == []


def test_the_plan_survives_its_line(recorded: Runner) -> None:
    plan = replace(recorded.plan, seen_height=5, repair_above=9, node_id="ab" * 20)
    assert SignerPlan.from_line(plan.to_line()) == plan


async def test_a_launch_carries_the_key_on_stdin_only(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    node = NodeFolder(tmp_path / "node")
    plan = plan_for(
        node,
        chain_id=CHAIN,
        pubkey=key.public_key().public_bytes_raw(),
        node_address=f"unix://{node.run}/pv.sock",
    )
    with SecretBytes(SEED) as seed:
        launch = signer_launch(plan, seed, node.logs / "signer.log")
    assert launch.stdin is not None
    assert bytes(launch.stdin).endswith(b"\n" + SEED)
    assert SEED.hex() not in f"{launch} {launch.argv} {launch.env}"
    wipe_stdin(launch)
    assert not any(launch.stdin)
