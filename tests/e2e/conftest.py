# SPDX-License-Identifier: Apache-2.0
"""The real network that end-to-end tests share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from bridge.localnet.genesis import ChainRules
from bridge.localnet.network import down, up
from bridge.localnet.record import LocalnetInfo
from node_manager.layout import Layout
from node_manager.runtime.logfiles import tail
from tests.helpers.app import HeadlessApp
from tests.helpers.docker_engine import NoDocker, TestEngine, running_engine

BUILD_SECONDS = 1500
"""Time limit of a test that may have to wait for the first build: minutes on two cores."""

RULES = ChainRules(signed_blocks_window=20, min_signed="0.1")
"""Few votes suffice: beside the one strong validator a small one's often come too late."""


DOCKER_FILES = {
    "test_cloud_validator.py",
    "test_contained_cluster.py",
    "test_contained_node.py",
    "test_paused_worker.py",
}
LONGEST_FIRST = ("test_cloud_validator.py", "test_bundle.py", "test_portal.py")


class Lanes(LoadFileScheduling):
    """One lane a file, and one for all that start a Docker engine: they share its addresses.

    Not by xdist's own groups: with pytest 9.2 their names are lost (pytest-xdist 3.8, remote.py
    writes `item._nodeid`, which pytest no longer reads).
    """

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "docker" if Path(file).name in DOCKER_FILES else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    return Lanes(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no lane is left alone at the end."""
    items.sort(key=lambda item: item.path.name not in LONGEST_FIRST)
    for item in items:
        if "localnet" in getattr(item, "fixturenames", ()) and not item.get_closest_marker(
            "timeout"
        ):
            item.add_marker(pytest.mark.timeout(BUILD_SECONDS))


@pytest.fixture(scope="session")
def localnet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalnetInfo]:
    """A running local network with a funded account, for all tests of this process.

    Downtime is punished soon: 19 missed of 20 blocks.
    """
    with own_localnet(tmp_path_factory, RULES) as info:
        yield info


@contextmanager
def own_localnet(factory: pytest.TempPathFactory, rules: ChainRules) -> Iterator[LocalnetInfo]:
    """A local network with rules of its own.

    `ONECLICK_LOCALNET` names its folder meanwhile, so any Layout, also that of a child, finds
    its profile. Its build is kept in the user's cache (or ONECLICK_CACHE); the first one takes
    minutes.
    """
    root = factory.mktemp("localnet")
    layout = Layout(data=root / "data", cache=Layout.of_this_user().cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONECLICK_LOCALNET", str(root / "network"))
        try:
            yield asyncio.run(up(layout, rules=rules, on_progress=print))
        finally:
            patch.setenv("ONECLICK_LOCALNET", str(root / "network"))
            asyncio.run(down(layout, forget=True))


@pytest.fixture(scope="module")
def test_engine() -> Iterator[TestEngine]:
    """A Docker engine of the tests' own."""
    try:
        with running_engine() as running:
            yield running
    except NoDocker as reason:
        pytest.skip(f"no Docker engine on this machine: {reason}")


@pytest.fixture
def make_app(localnet: LocalnetInfo, tmp_path: Path) -> Iterator[Callable[[str], HeadlessApp]]:
    """Makes apps, each with a data folder of its own; what they print is shown on failure."""
    made: list[HeadlessApp] = []

    def make(name: str) -> HeadlessApp:
        layout = Layout(tmp_path / name / "data", localnet.layout.cache)
        made.append(HeadlessApp(layout, localnet.layout.localnet))
        return made[-1]

    yield make
    for app in made:
        app.clean_up()
        print(app.told())
        for log in ("app", "orchestrator"):
            print("\n".join(tail(app.layout.logs / f"{log}.log", 30)))


@pytest.fixture
def app(make_app: Callable[[str], HeadlessApp]) -> HeadlessApp:
    """One app on the localnet, not started yet."""
    return make_app("app")
