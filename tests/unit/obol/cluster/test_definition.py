# SPDX-License-Identifier: Apache-2.0
"""A definition given as a file, taken back, and settings that change between two starts."""

from __future__ import annotations

import json
import sys

import pytest

from node_manager.explanation import OneClickError
from node_manager.obol.status import DvStage
from tests.helpers.dv_bench import Bench, signed_cluster

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(sys.platform == "win32", reason="charon is for Linux"),
]


def content(**changes: str) -> bytes:
    return json.dumps(signed_cluster(**changes).raw()).encode()


async def test_a_file_ends_the_wait_and_its_addresses_are_asked_about(bench: Bench) -> None:
    await bench.create(ask=True)
    await bench.node.start()
    await bench.stage(DvStage.WAITING)
    await bench.manager.use_definition(bench.cluster_id, content())
    status = await bench.stage(DvStage.CONFIRM)
    assert status.cluster is not None
    assert status.cluster.definition_hash == signed_cluster().raw()["definition_hash"]
    assert not bench.calls("dkg")


async def test_a_file_that_is_no_definition_lets_the_wait_go_on(bench: Bench) -> None:
    await bench.create(ask=True)
    await bench.node.start()
    await bench.stage(DvStage.WAITING)
    with pytest.raises(OneClickError):
        await bench.manager.use_definition(bench.cluster_id, b"{}")
    assert bench.node.under_way
    assert not bench.node.folder.definition.exists()


async def test_a_definition_is_left_with_its_confirmation(bench: Bench) -> None:
    await bench.create(ask=True)
    bench.plan(dkg=["fail-no-key"])
    await bench.node.give_definition(content())
    await bench.node.confirm(signed_cluster().raw()["definition_hash"])
    await bench.manager.drop_definition(bench.cluster_id)
    assert bench.node.record.confirmed == "" and not bench.node.record.allow_unsigned
    assert bench.status.cluster is None
    archived = [path.name for path in bench.node.folder.archive.rglob("*.json")]
    assert archived == ["cluster-definition.json"]
    other = signed_cluster(name="the right one")
    bench.api.add(other.raw())
    await bench.node.start(until=DvStage.STARTING)
    status = await bench.stage(DvStage.CONFIRM)
    assert status.cluster is not None and status.cluster.name == "the right one"


async def test_an_unsigned_file_does_not_let_unsigned_invites_in_later(bench: Bench) -> None:
    await bench.create(ask=True)
    bare = signed_cluster().raw()
    bare["creator"] = {"address": "", "config_signature": ""}
    for one in bare["operators"]:
        one |= {"address": "", "config_signature": "", "enr_signature": ""}
    await bench.node.give_definition(json.dumps(bare).encode())
    assert bench.node.record.allow_unsigned
    await bench.manager.drop_definition(bench.cluster_id)
    forged = signed_cluster().raw()
    forged["operators"][1]["config_signature"] = forged["operators"][0]["config_signature"]
    bench.api.add(forged)
    await bench.node.start(until=DvStage.STARTING)
    await bench.until(
        lambda s: s.reason is not None and s.reason.code == "cluster-verification-refused"
    )
    assert not bench.calls("dkg")


async def test_a_cluster_with_keys_is_not_left(bench: Bench) -> None:
    await bench.create()
    bench.leave_keys()
    for act in (
        bench.manager.drop_definition(bench.cluster_id),
        bench.manager.use_definition(bench.cluster_id, content()),
    ):
        with pytest.raises(OneClickError) as refused:
            await act
        assert refused.value.code == "cluster-lock-exists"


async def test_settings_change_only_between_two_starts(bench: Bench) -> None:
    await bench.create()
    bench.leave_keys()
    before = bench.node.settings
    changed = before.model_copy(
        update={"charon": before.charon.model_copy(update={"nickname": "harbour"})}
    )
    await bench.node.start()
    await bench.stage(DvStage.RUNNING)
    with pytest.raises(OneClickError) as refused:
        await bench.node.change_settings(changed)
    assert refused.value.code == "cluster-running" and bench.node.settings == before
    await bench.node.stop()
    await bench.node.change_settings(changed)
    bench.history.clear()
    await bench.node.start()
    await bench.stage(DvStage.RUNNING)
    assert [one["flags"].get("nickname") for one in bench.calls("run")] == [None, "harbour"]
