# SPDX-License-Identifier: Apache-2.0
"""The doctor finds what keeps a cluster from its duties, and what puts keys at risk."""

from __future__ import annotations

import sys

import pytest

from node_manager.checks.result import CheckResult, CheckState, Mend
from node_manager.explanation import Explanation
from node_manager.obol.beacon import BeaconReading
from node_manager.obol.examination import check_beacons
from node_manager.obol.settings import read_settings
from tests.helpers.dv_bench import KEYS, Bench

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(sys.platform == "win32", reason="charon is for Linux"),
]
BEHIND = Explanation("beacon-syncing", "It has not synced.")
ELSEWHERE = Explanation("beacon-other-network", "It is on mainnet.")


async def found(bench: Bench) -> dict[str, CheckResult]:
    return {one.id: one for one in await bench.node.examine()}


async def test_of_a_running_one_nothing_is_wrong_but_the_missing_backup(bench: Bench) -> None:
    await bench.run()
    results = await found(bench)
    assert results["shares-backup"].state is CheckState.WARN
    assert results["shares-backup"].mend is Mend.MAKE_BACKUP
    well = ("stage", "enr-key", "modes", "enr-backup", "lock", "beacon", "charon-program",
            "port-p2p", "port-validator api", "port-monitoring")  # fmt: skip
    assert {name: results[name].state for name in well} == dict.fromkeys(well, CheckState.OK)


async def test_open_key_shares_another_key_and_a_missing_program_are_found(bench: Bench) -> None:
    await bench.create()
    bench.leave_keys()
    (bench.node.folder.keystores / "keystore-0.txt").chmod(0o644)
    bench.node.folder.key.write_text(KEYS[1].hex())
    bench.program.unlink()
    results = await found(bench)
    failing = {name for name, one in results.items() if one.state is CheckState.FAIL}
    assert {"modes", "enr-key", "charon-program"} <= failing
    assert next(iter(results.values())).state is CheckState.FAIL


async def test_a_validator_without_its_key_is_told_so(bench: Bench) -> None:
    await bench.create()
    bench.node.folder.key.unlink()
    assert (await found(bench))["enr-key"].explanation.code == "enr-key-missing"


def reading(trouble: Explanation | None, *, fallback: bool = False) -> BeaconReading:
    return BeaconReading("http://b:1", fallback, network="hoodi", trouble=trouble)


@pytest.mark.parametrize(
    ("readings", "states"),
    [
        ([reading(None)], ["ok"]),
        ([reading(BEHIND)], ["fail"]),
        ([reading(BEHIND), reading(None, fallback=True)], ["warn", "ok"]),
        ([reading(None), reading(ELSEWHERE)], ["ok", "fail"]),
        ([], ["fail"]),
    ],
)
def test_a_beacon_node_that_another_stands_in_for_is_a_warning(readings, states) -> None:
    settings = read_settings({"charon": {"operatorAddress": "0x" + "12" * 20}})
    assert [one.state.value for one in check_beacons(readings, settings)] == states
