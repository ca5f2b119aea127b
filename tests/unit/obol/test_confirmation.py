# SPDX-License-Identifier: Apache-2.0
"""Nobody's keys are made for addresses that the person has not confirmed."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import pytest

from node_manager.explanation import OneClickError
from node_manager.obol.status import DvStage
from tests.helpers.dv_bench import Bench, signed_cluster

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(sys.platform == "win32", reason="charon is for Linux"),
]
THIEF = "0x" + "66" * 20
A_MOMENT = 0.3


async def at_the_gate(bench: Bench) -> str:
    """A window-made validator with a signed cluster; the hash that waits for a word."""
    await bench.create(ask=True)
    bench.api.add(signed_cluster().raw())
    await bench.node.start(until=DvStage.STARTING)
    status = await bench.stage(DvStage.CONFIRM)
    assert status.cluster is not None
    return status.cluster.definition_hash


async def no_ceremony_begins(bench: Bench) -> None:
    await asyncio.sleep(A_MOMENT)
    assert not bench.calls("dkg")
    assert not bench.node.folder.lock.exists()


async def test_no_ceremony_without_a_confirmation(bench: Bench) -> None:
    await at_the_gate(bench)
    await no_ceremony_begins(bench)
    assert bench.status.stage is DvStage.CONFIRM


async def test_what_waits_for_the_confirmation_is_shown_with_both_addresses(bench: Bench) -> None:
    waits = await at_the_gate(bench)
    cluster = bench.status.cluster
    assert cluster is not None and cluster.definition_hash == waits
    raw = signed_cluster().raw()
    assert waits == raw["definition_hash"]
    assert [(one.fee_recipient, one.withdrawal) for one in cluster.validators] == [
        (one["fee_recipient_address"], one["withdrawal_address"]) for one in raw["validators"]
    ]


async def test_the_confirmed_definition_gets_its_ceremony_at_once(bench: Bench) -> None:
    waits = await at_the_gate(bench)
    await bench.node.confirm(waits)
    await bench.until(lambda status: bool(status.cluster and status.cluster.lock_hash))
    assert len(bench.calls("dkg")) == 1


@pytest.mark.parametrize("other", ["0x" + "11" * 32, "", "0x"])
async def test_a_confirmation_of_another_hash_does_not_count(bench: Bench, other: str) -> None:
    await at_the_gate(bench)
    with pytest.raises(OneClickError) as refused:
        await bench.node.confirm(other)
    assert refused.value.code == "cluster-definition-not-shown"
    await no_ceremony_begins(bench)
    assert bench.node.record.confirmed == ""


async def test_a_restart_keeps_the_gate_shut(bench: Bench) -> None:
    await at_the_gate(bench)
    await bench.manager.close(stop_nodes=False)
    bench.over_again()
    await bench.manager.open(start_wanted=False)
    await bench.node.start(until=DvStage.STARTING)
    await bench.stage(DvStage.CONFIRM)
    await no_ceremony_begins(bench)


async def test_a_restart_keeps_the_confirmation(bench: Bench) -> None:
    bench.plan(dkg=["wait-sigterm-node0", "ok-node0"])
    waits = await at_the_gate(bench)
    await bench.node.confirm(waits)
    await bench.until(lambda status: status.ceremony is not None)
    await bench.manager.close(stop_nodes=True)
    bench.over_again()
    await bench.manager.open(start_wanted=False)
    assert bench.node.record.confirmed == waits
    await bench.node.start(until=DvStage.STARTING)
    await bench.stage(DvStage.DKG)
    assert DvStage.CONFIRM not in {status.stage for status in bench.history}


async def test_a_changed_definition_asks_again(bench: Bench) -> None:
    waits = await at_the_gate(bench)
    await bench.node.stop()
    await bench.node.confirm(waits)
    changed = signed_cluster(name="another cluster").raw()
    await bench.node.give_definition(json.dumps(changed).encode())
    bench.history.clear()
    await bench.node.start(until=DvStage.STARTING)
    again = await bench.stage(DvStage.CONFIRM)
    assert again.cluster is not None
    assert again.cluster.definition_hash == changed["definition_hash"] != waits
    await no_ceremony_begins(bench)


async def test_addresses_changed_under_a_confirmed_hash_start_nothing(bench: Bench) -> None:
    waits = await at_the_gate(bench)
    await bench.node.stop()
    await bench.node.confirm(waits)
    put_in(bench, withdrawal_address=THIEF)
    bench.history.clear()
    await bench.node.start(until=DvStage.STARTING)
    status = await bench.stage(DvStage.FAILED)
    assert status.reason is not None and status.reason.code == "cluster-verification-refused"
    await no_ceremony_begins(bench)


async def test_a_definition_exchanged_after_its_check_gets_no_keys(bench: Bench) -> None:
    waits = await at_the_gate(bench)
    put_in(bench, fee_recipient_address=THIEF)
    await bench.node.confirm(waits)
    status = await bench.stage(DvStage.FAILED)
    assert status.reason is not None and status.reason.code == "cluster-definition-changed"
    await no_ceremony_begins(bench)


async def test_a_definition_exchanged_between_two_attempts_gets_no_keys(bench: Bench) -> None:
    bench.plan(dkg=["fail-key-lock-recent", "ok-node0"])
    waits = await at_the_gate(bench)
    await bench.node.confirm(waits)
    await bench.stage(DvStage.BACKOFF)
    put_in(bench, withdrawal_address=THIEF)
    await bench.stage(DvStage.FAILED)
    assert len(bench.calls("dkg")) == 1
    assert not bench.node.folder.lock.exists()


async def test_a_ceremony_that_reads_another_definition_is_ended(bench: Bench) -> None:
    other = {"level": "info", "msg": "Cluster definition loaded from disk"}
    line = json.dumps({**other, "definition_hash": "0x" + "22" * 32})
    bench.plan(dkg=["other"], raw={"other": [line]}, raw_stays=True)
    waits = await at_the_gate(bench)
    await bench.node.confirm(waits)
    status = await bench.stage(DvStage.FAILED)
    assert status.reason is not None
    assert status.reason.facts["cause"] == "cluster-definition-changed"


async def test_a_lock_of_another_definition_than_the_confirmed_one_is_not_run(bench: Bench) -> None:
    await bench.create(ask=True)
    other = signed_cluster(name="another cluster").raw()
    await bench.node.give_definition(json.dumps(other).encode())
    await bench.node.confirm(other["definition_hash"])
    bench.node.folder.definition.unlink()
    bench.leave_keys()
    await bench.node.start(until=DvStage.STARTING)
    status = await bench.stage(DvStage.FAILED)
    assert status.reason is not None and status.reason.code == "cluster-verification-refused"
    assert "confirmed" in str(status.reason)


async def test_a_definition_is_not_exchanged_under_a_run(bench: Bench) -> None:
    await at_the_gate(bench)
    before = bench.node.folder.definition.read_bytes()
    content = json.dumps(signed_cluster(name="another cluster").raw()).encode()
    with pytest.raises(OneClickError) as here:
        await bench.node.give_definition(content)
    assert here.value.code == "cluster-running"
    mine, bench_manager = bench.node, bench.manager
    bench.over_again()
    await bench.manager.open(start_wanted=False)
    with pytest.raises(OneClickError) as elsewhere:
        await bench.node.give_definition(content)
    bench.manager = bench_manager
    assert elsewhere.value.code == "cluster-in-use"
    assert mine.folder.definition.read_bytes() == before


def put_in(bench: Bench, **addresses: str) -> None:
    """Change the first validator's addresses on disk, and leave the hashes as they were."""
    file = bench.node.folder.definition
    raw: dict[str, Any] = json.loads(file.read_text())
    raw["validators"][0] |= addresses
    file.write_text(json.dumps(raw))
