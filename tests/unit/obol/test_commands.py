# SPDX-License-Identifier: Apache-2.0
"""`dv dkg` on a validator that the window made: it asks for the person's word, or says so."""

from __future__ import annotations

import io
import sys

import pytest

from bridge.cli.dv import hold_ceremony
from bridge.cli.dv_confirm import NotConfirmed
from bridge.cli.parser import Chosen
from tests.helpers.dv_bench import Bench, signed_cluster
from tests.helpers.dv_material import DEAD

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(sys.platform == "win32", reason="charon is for Linux"),
]


class Terminal(io.StringIO):
    """Standard input at which somebody sits."""

    def isatty(self) -> bool:
        return True


async def dkg(bench: Bench, *, confirm: str = "") -> int:
    chosen = Chosen(
        layout=bench.layout, cluster=bench.cluster_id, definition_file=None, confirm=confirm
    )
    return await hold_ceremony(chosen, bench.manager)


@pytest.fixture
async def window_made(bench: Bench) -> Bench:
    await bench.create(ask=True)
    bench.api.add(signed_cluster().raw())
    return bench


async def test_without_a_terminal_it_names_the_hash_to_confirm_and_makes_no_keys(
    window_made: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert await dkg(window_made) == 1
    told = capsys.readouterr().out
    waits = signed_cluster().raw()["definition_hash"]
    assert told.count(DEAD) == 2
    assert f"--confirm {waits}" in told
    assert not window_made.calls("dkg")


async def test_the_named_hash_is_confirmed_and_the_keys_are_made(window_made: Bench) -> None:
    waits = signed_cluster().raw()["definition_hash"]
    assert await dkg(window_made, confirm=waits) == 0
    assert window_made.node.record.confirmed == waits
    assert window_made.node.record.verified_lock


async def test_another_hash_confirms_nothing(
    window_made: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await dkg(window_made, confirm="0x" + "11" * 32) == 1
    assert NotConfirmed.code == "dv-not-confirmed"
    assert "names another one" in capsys.readouterr().out
    assert not window_made.calls("dkg")
    assert window_made.node.record.confirmed == ""


@pytest.mark.parametrize(("typed", "goes_on"), [("yes\n", True), ("y\n", False), ("", False)])
async def test_at_a_terminal_only_yes_makes_keys(
    window_made: Bench, monkeypatch: pytest.MonkeyPatch, typed: str, goes_on: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    assert await dkg(window_made) == (0 if goes_on else 1)
    assert bool(window_made.calls("dkg")) is goes_on
