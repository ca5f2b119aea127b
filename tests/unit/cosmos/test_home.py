# SPDX-License-Identifier: Apache-2.0
"""A home is made once, whole, and then kept equal to its plan."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
import tomlkit

from node_manager.cosmos import errors
from node_manager.cosmos.home import (
    HomePlan,
    NodePorts,
    Pruning,
    StateSync,
    edit_toml,
    prepare_home,
)
from node_manager.cosmos.program import Program
from tests.unit.cosmos.fake_program import make_program
from tests.unit.cosmos.recorded import CHAIN, POSD

PEER = f"{'a' * 40}@peer.example:26656"
PLAN = HomePlan(
    chain_id=CHAIN,
    moniker="my node",
    min_gas_price="0.025omniphi",
    ports=NodePorts(p2p=20656, rpc=20657, rest=20317, grpc=20090),
    persistent_peers=(PEER,),
    priv_validator_laddr="unix:///tmp/pv.sock",
)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return make_program(tmp_path / "bin")


def config(home: Path, name: str = "config.toml") -> tomlkit.TOMLDocument:
    return tomlkit.parse((home / "config" / name).read_text())


async def test_the_home_is_what_the_plan_says(program: Program, tmp_path: Path) -> None:
    home = tmp_path / "node" / "home"
    await prepare_home(program, home, PLAN)
    comet, app, client = config(home), config(home, "app.toml"), config(home, "client.toml")
    assert comet["moniker"] == "my node"
    assert comet["priv_validator_laddr"] == "unix:///tmp/pv.sock"
    assert comet["rpc"]["laddr"] == "tcp://127.0.0.1:20657"
    assert comet["rpc"]["pprof_laddr"] == ""
    assert comet["p2p"]["laddr"] == "tcp://0.0.0.0:20656"
    assert comet["p2p"]["persistent_peers"] == PEER
    assert comet["instrumentation"]["prometheus"] is False
    assert comet["statesync"]["enable"] is False
    assert app["minimum-gas-prices"] == "0.025omniphi"
    assert app["api"]["address"] == "tcp://127.0.0.1:20317"
    assert app["grpc"]["address"] == "127.0.0.1:20090"
    assert client["chain-id"] == CHAIN
    assert client["node"] == "tcp://127.0.0.1:20657"


async def test_only_the_owner_can_look_into_it(program: Program, tmp_path: Path) -> None:
    home = tmp_path / "home"
    await prepare_home(program, home, PLAN)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "config" / "config.toml").stat().st_mode) == 0o600


async def test_the_programs_own_genesis_is_not_kept(program: Program, tmp_path: Path) -> None:
    await prepare_home(program, tmp_path / "home", PLAN)
    assert not (tmp_path / "home/config/genesis.json").exists()


async def test_comments_and_other_settings_stay(program: Program, tmp_path: Path) -> None:
    home = tmp_path / "home"
    await prepare_home(program, home, PLAN)
    file = home / "config" / "config.toml"
    file.write_text(
        file.read_text().replace("max_num_inbound_peers = 40", "max_num_inbound_peers = 7 # mine")
    )
    await prepare_home(program, home, replace(PLAN, moniker="other"))
    text = file.read_text()
    assert "max_num_inbound_peers = 7 # mine" in text
    assert config(home)["moniker"] == "other"

    def comments(content: str) -> int:
        return sum(line.startswith("#") for line in content.splitlines())

    assert comments(text) == comments((POSD / "config.toml").read_text())


async def test_a_second_call_touches_nothing(program: Program, tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = await prepare_home(program, home, PLAN)
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    second = await prepare_home(program, home, PLAN)
    assert first
    assert second == ()
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before


async def test_a_change_of_plan_changes_only_what_differs(program: Program, tmp_path: Path) -> None:
    home = tmp_path / "home"
    await prepare_home(program, home, PLAN)
    changed = await prepare_home(program, home, replace(PLAN, min_gas_price="0.1omniphi"))
    assert changed == ("app.toml: minimum-gas-prices",)


async def test_a_failed_init_leaves_no_home(program: Program, tmp_path: Path) -> None:
    (program.binary.parent / "fail-init").touch()
    with pytest.raises(errors.ProgramFailed, match="something went wrong"):
        await prepare_home(program, tmp_path / "home", PLAN)
    assert not (tmp_path / "home").exists()
    (program.binary.parent / "fail-init").unlink()
    await prepare_home(program, tmp_path / "home", PLAN)
    assert (tmp_path / "home/config/node_key.json").exists()


async def test_what_a_crash_left_of_an_init_is_made_again(program: Program, tmp_path: Path) -> None:
    (tmp_path / ".home.new" / "config").mkdir(parents=True)
    await prepare_home(program, tmp_path / "home", PLAN)
    assert config(tmp_path / "home")["moniker"] == "my node"
    assert not (tmp_path / ".home.new").exists()


async def test_a_lost_configuration_is_made_anew_and_the_rest_stays(
    program: Program, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    await prepare_home(program, home, PLAN)
    (home / "config/node_key.json").write_text('{"mine": 1}')
    (home / "data/priv_validator_state.json").write_text('{"height": "99"}')
    (home / "config/config.toml").unlink()
    await prepare_home(program, home, PLAN)
    assert config(home)["moniker"] == "my node"
    assert (home / "config/node_key.json").read_text() == '{"mine": 1}'
    assert (home / "data/priv_validator_state.json").read_text() == '{"height": "99"}'


async def test_a_signing_state_is_never_made_beside_chain_data(
    program: Program, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    plan = replace(PLAN, priv_validator_laddr="")
    await prepare_home(program, home, plan)
    (home / "data/blockstore.db").mkdir()
    (home / "data/priv_validator_state.json").unlink()
    with pytest.raises(errors.HomeIncomplete):
        await prepare_home(program, home, plan)
    assert not (home / "data/priv_validator_state.json").exists()


@pytest.mark.parametrize("peer", ["127.0.0.1:26656", f"{'a' * 40}@host", "id@host:1", "", "x y"])
async def test_a_peer_the_node_would_not_start_with_is_refused(
    peer: str, program: Program, tmp_path: Path
) -> None:
    with pytest.raises(errors.PeerMalformed):
        await prepare_home(program, tmp_path / "home", replace(PLAN, persistent_peers=(peer,)))
    assert not (tmp_path / "home").exists()


async def test_state_sync_and_pruning_are_written(program: Program, tmp_path: Path) -> None:
    sync = StateSync(("http://a:1", "http://b:1"), 4000, "AB" * 32)
    plan = replace(PLAN, state_sync=sync, pruning=Pruning.SMALL, min_retain_blocks=5000)
    await prepare_home(program, tmp_path / "home", plan)
    comet, app = config(tmp_path / "home"), config(tmp_path / "home", "app.toml")
    assert comet["statesync"]["enable"] is True
    assert comet["statesync"]["rpc_servers"] == "http://a:1,http://b:1"
    assert comet["statesync"]["trust_height"] == 4000
    assert comet["statesync"]["trust_hash"] == "AB" * 32
    assert (app["pruning"], app["min-retain-blocks"]) == ("custom", 5000)


async def test_what_the_plan_leaves_open_stays_a_persons_own(
    program: Program, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    await prepare_home(program, home, PLAN)
    edit_toml(home / "config/app.toml", {"pruning": "everything", "min-retain-blocks": 9})
    edit_toml(home / "config/config.toml", {"p2p.external_address": "1.2.3.4:26656"})
    assert await prepare_home(program, home, PLAN) == ()
    assert config(home, "app.toml")["pruning"] == "everything"
    assert config(home)["p2p"]["external_address"] == "1.2.3.4:26656"


async def test_services_that_are_off_have_no_port(program: Program, tmp_path: Path) -> None:
    plan = replace(PLAN, ports=NodePorts(rest=None, grpc=None))
    await prepare_home(program, tmp_path / "home", plan)
    app = config(tmp_path / "home", "app.toml")
    assert app["api"]["enable"] is False
    assert app["grpc"]["enable"] is False
    assert set(plan.ports.named()) == {"P2P", "RPC"}


def test_a_file_that_is_not_toml_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("a = = b")
    with pytest.raises(errors.ConfigUnreadable):
        edit_toml(file, {"a": 1})
    assert file.read_text() == "a = = b"


def test_missing_sections_are_added(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("a = 1 # one\n")
    assert edit_toml(file, {"b.c.d": True, "a": 1}) == ["b.c.d"]
    assert tomlkit.parse(file.read_text()).unwrap() == {"a": 1, "b": {"c": {"d": True}}}
    assert "# one" in file.read_text()


def test_true_is_not_one(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("a = 1\n")
    assert edit_toml(file, {"a": True}) == ["a"]
    assert "a = true" in file.read_text()
