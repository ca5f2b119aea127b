# SPDX-License-Identifier: Apache-2.0
"""A validator in trouble: damaged records, a second machine with its key, data fetched anew."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from node_manager.cosmos.failures import LogDiagnosis
from node_manager.cosmos.watch import WatchReading
from node_manager.errors import BusyNode, RecordIsWhole, RepairUnconfirmed, StateSyncNotOffered
from node_manager.events import Broadcast
from node_manager.explanation import Explained
from node_manager.figures import read
from node_manager.keys.secret import SecretBytes
from node_manager.keys.signing_state import SigningState
from node_manager.layout import Layout
from node_manager.manager import Manager
from node_manager.node.free_ports import free_ports
from node_manager.node.observation import Picture
from node_manager.node.plan import NodePlan
from node_manager.node.record import Ports, load_record
from node_manager.node.repair import repair_record
from node_manager.node.reset import BEING_REMOVED, set_aside
from node_manager.node.twin import TwinWatch
from node_manager.signer.errors import DoppelgangerSeen, JournalTorn
from node_manager.signer.journal import FILE
from node_manager.state import BlockMark, NodeState, SignerFigures
from tests.unit.signer.test_doppelganger import Chain

CONFLICT = (
    "12:00PM ERR found conflicting vote from ourselves; did you unsafe_reset a validator?"
    " height=77 module=consensus"
)


@pytest_asyncio.fixture
async def manager(layout: Layout) -> AsyncIterator[Manager]:
    made = Manager(layout, Broadcast())
    await made.open()
    yield made
    await made.close(stop_nodes=True)


@pytest_asyncio.fixture
async def node_id(manager: Manager) -> str:
    with SecretBytes(b"a heron stands in seven quiet rivers") as passphrase:
        return await manager.create(NodePlan("localnet", "one", "passphrase", passphrase))


def chain_of(manager: Manager, node_id: str, signed: set[int]) -> Chain:
    """A network whose blocks at these heights hold the validator's signature."""
    custody = manager.node(node_id).custody
    ours = custody.info().public_key.address_bytes

    class Ours(Chain):
        async def commit(self, height: int | None = None):  # type: ignore[no-untyped-def]
            commit = await super().commit(height)
            for signature in commit.signed_header.commit.signatures:
                if signature.validator_address == bytes(20).hex():
                    object.__setattr__(signature, "validator_address", ours.hex().upper())
            return commit

    chain = Ours(1000, signed)
    chain.chain_id = custody.record.chain_id
    return chain


async def test_a_torn_record_is_raised_above_the_network_and_not_before_it_was_watched(
    manager: Manager, node_id: str, layout: Layout
) -> None:
    custody = manager.node(node_id).custody
    record = layout.node(node_id).signer / FILE
    custody.signing_record().lift(SigningState.before(900))
    record.write_bytes(record.read_bytes()[:5000])
    torn = record.read_bytes()
    with pytest.raises(RepairUnconfirmed):
        await repair_record(
            custody, [chain_of(manager, node_id, set())], other_machines_are_off=False
        )
    with pytest.raises(DoppelgangerSeen):
        await repair_record(
            custody, [chain_of(manager, node_id, set(range(2000)))], other_machines_are_off=True
        )
    assert record.read_bytes() == torn
    with pytest.raises(JournalTorn):
        custody.newest_state()
    chain = chain_of(manager, node_id, set())
    above = await repair_record(custody, [chain], other_machines_are_off=True, blocks=3)
    assert custody.newest_state() == SigningState.before(above + 1)
    assert above > 1000


async def test_a_missing_record_is_made_anew_above_the_network(
    manager: Manager, node_id: str, layout: Layout
) -> None:
    (layout.node(node_id).signer / FILE).unlink()
    custody = manager.node(node_id).custody
    chain = chain_of(manager, node_id, set())
    above = await repair_record(custody, [chain], other_machines_are_off=True, blocks=3)
    assert custody.newest_state() == SigningState.before(above + 1)


async def test_a_whole_record_is_not_raised(manager: Manager, node_id: str) -> None:
    custody = manager.node(node_id).custody
    before = custody.newest_state()
    with pytest.raises(RecordIsWhole):
        await repair_record(
            custody, [chain_of(manager, node_id, set())], other_machines_are_off=True
        )
    assert custody.newest_state() == before


async def test_an_old_copy_is_raised_above_what_the_network_shows(
    manager: Manager, node_id: str
) -> None:
    custody = manager.node(node_id).custody
    custody.signing_record().lift(SigningState.before(900))
    chain = chain_of(manager, node_id, {990})
    above = await repair_record(custody, [chain], other_machines_are_off=True, blocks=3)
    assert above > 1000


async def nothing(_above: int) -> None:
    """A signer that does not run."""


async def test_a_signature_above_the_record_was_made_elsewhere(
    manager: Manager, node_id: str
) -> None:
    custody = manager.node(node_id).custody
    custody.signing_record().lift(SigningState.before(51))
    watch = TwinWatch(custody, LogDiagnosis(), nothing)
    assert await watch.look([BlockMark(50, "signed", 0.0), BlockMark(51, "missed", 0.0)]) is None
    told = await watch.look([BlockMark(51, "signed", 0.0)])
    assert told is not None
    assert (told.code, told.facts) == ("signs-elsewhere", {"height": 51, "recorded": 50})


async def test_a_conflicting_vote_with_our_key_tells_of_another_machine(
    manager: Manager, node_id: str
) -> None:
    diagnosis = LogDiagnosis()
    diagnosis.feed(CONFLICT)
    told = await TwinWatch(manager.node(node_id).custody, diagnosis, nothing).look([])
    assert told is not None
    assert told.code == "key-in-two-places"


@pytest.mark.logs("key in use elsewhere")
async def test_another_machine_ends_our_part_for_good(
    manager: Manager, node_id: str, layout: Layout
) -> None:
    node = manager.node(node_id)
    diagnosis = LogDiagnosis()
    diagnosis.feed(CONFLICT)
    node._care.took_picture(Picture(twin=diagnosis.hindered))
    await _until_failed(manager, node_id)
    status = manager.status(node_id)
    assert status.reason is not None
    assert status.reason.code == "key-in-two-places"
    record = load_record(layout.node(node_id).record)
    assert (record.wanted, record.twin_seen) == (False, True)
    again = Manager(layout, Broadcast())
    await again.open()
    assert again.status(node_id).state is NodeState.STOPPED, "no start of the app starts it"
    await again.close(stop_nodes=True)


async def _until_failed(manager: Manager, node_id: str) -> None:
    import asyncio

    async with asyncio.timeout(10):
        while manager.status(node_id).state is not NodeState.FAILED:
            await asyncio.sleep(0.01)


@pytest.mark.logs("node left alone")
async def test_a_damaged_node_json_is_shown_and_left_alone(
    manager: Manager, node_id: str, layout: Layout
) -> None:
    file = layout.node(node_id).record
    file.write_bytes(file.read_bytes()[:40])
    again = Manager(layout, Broadcast())
    await again.open()
    (status,) = again.statuses()
    assert status.state is NodeState.FAILED
    assert status.reason is not None
    assert "node.json" in status.reason.todo
    assert again.nodes() == []
    with pytest.raises(Explained):
        await again.start(node_id)
    assert len(file.read_bytes()) == 40
    await again.close(stop_nodes=True)


async def test_a_reset_takes_the_chain_data_and_nothing_else(
    manager: Manager, node_id: str, layout: Layout
) -> None:
    folder = layout.node(node_id)
    data = folder.home / "data"
    (data / "application.db").mkdir(parents=True)
    (data / "application.db" / "000001.log").write_bytes(bytes(7000))
    (data / "priv_validator_state.json").write_text("{}")
    (data / "upgrade-info.json").write_text("{}")
    (folder.home / "config").mkdir()
    (folder.home / "config" / "addrbook.json").write_text("{}")
    (folder.home / "config" / "config.toml").write_text("# mine\n")
    key, signed = folder.key.read_bytes(), (folder.signer / FILE).read_bytes()
    assert await manager.reset_chain_data(node_id) >= 7000
    assert [path.name for path in data.iterdir()] == ["priv_validator_state.json"]
    assert [path.name for path in (folder.home / "config").iterdir()] == ["config.toml"]
    assert (folder.key.read_bytes(), (folder.signer / FILE).read_bytes()) == (key, signed)


async def test_state_sync_needs_two_servers(manager: Manager, node_id: str, layout: Layout) -> None:
    data = layout.node(node_id).home / "data"
    data.mkdir(parents=True)
    with pytest.raises(StateSyncNotOffered):
        await manager.reset_chain_data(node_id, state_sync=True)
    assert data.exists()


def test_a_kill_between_leaves_whole_data_or_none(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    (home / "data" / "state.db").mkdir(parents=True)
    (home / "data" / "priv_validator_state.json").write_text("{}")
    set_aside(home)
    assert (home / BEING_REMOVED / "state.db").exists()
    (home / "data" / "state.db").mkdir()
    set_aside(home)
    assert not (home / "data" / "state.db").exists()
    assert (home / "data" / "priv_validator_state.json").exists()


async def test_a_taken_port_is_left_for_a_free_set_and_the_choice_lasts(
    manager: Manager, node_id: str, layout: Layout
) -> None:
    before = manager.node(node_id).ports
    with socket.create_server(("0.0.0.0", 0)) as other:
        taken = other.getsockname()[1]
        chosen = await manager.choose_free_ports(node_id)
        assert taken not in chosen.model_dump().values()
    assert set(chosen.model_dump().values()).isdisjoint(before)
    assert load_record(layout.node(node_id).record).ports == chosen
    status = manager.status(node_id)
    assert (status.p2p_port, status.rpc_port) == (chosen.p2p, chosen.rpc)
    assert (status.rest_port, status.grpc_port) == (chosen.rest, chosen.grpc)


def test_a_program_on_any_interface_is_in_the_way_of_the_port_for_peers() -> None:
    usual = Ports().p2p
    with contextlib.suppress(OSError), socket.create_server(("0.0.0.0", usual)):
        assert free_ports(()).p2p != usual
    assert free_ports({Ports().rest}).rest != Ports().rest


async def test_the_ports_of_a_running_node_stay(manager: Manager, node_id: str) -> None:
    node = manager.node(node_id)
    node._portrait.enter(NodeState.RUNNING)
    before = node.ports
    with pytest.raises(BusyNode):
        await manager.choose_free_ports(node_id)
    assert node.ports == before


async def test_a_locked_key_needs_its_passphrase_again(manager: Manager, node_id: str) -> None:
    node = manager.node(node_id)
    assert not node.needs_passphrase
    await manager.lock(node_id)
    assert node.needs_passphrase
    with SecretBytes(b"a heron stands in seven quiet rivers") as passphrase:
        await manager.unlock(node_id, passphrase)
    assert not node.needs_passphrase


async def test_the_signer_s_figures_tell_how_many_blocks_the_chain_lacks(
    manager: Manager, node_id: str
) -> None:
    node = manager.node(node_id)
    signer = read(SignerFigures(height=9), "signer", period=3600)
    node._care.took_picture(Picture(signer=signer))
    assert node.status.signer.value is not None
    assert node.status.signer.value.missed is None
    kinds = ("unknown", "signed", "missed", "proposed", "missed")
    blocks = tuple(BlockMark(height, kind, 0.0) for height, kind in enumerate(kinds))
    node._care.took_picture(Picture(WatchReading(blocks=blocks), signer=signer))
    assert node.status.signer.value.missed == 2
