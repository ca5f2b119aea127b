# SPDX-License-Identifier: Apache-2.0
"""From nothing to a home that is ready to start: program, home, genesis, each a step."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from node_manager.cosmos.genesis import fetch_genesis
from node_manager.cosmos.home import (
    HomePlan,
    NodePorts,
    StateSync,
    holds_chain_data,
    prepare_home,
)
from node_manager.cosmos.program import Program
from node_manager.cosmos.state_sync import find_trust
from node_manager.downloads.errors import ChecksumWrong
from node_manager.downloads.install import ReleaseRequest, install_release
from node_manager.downloads.progress import Progress
from node_manager.downloads.releases import InstalledRelease
from node_manager.errors import FactsMissing, LocalNetworkNotStarted, StateSyncNotOffered
from node_manager.layout import Layout, NodeFolder
from node_manager.networks.profile import Binary, Profile, Release
from node_manager.networks.targets import this_target
from node_manager.node.listening import Listening
from node_manager.node.record import NodeRecord
from node_manager.node.reset import remove_aside
from node_manager.node.steps import Steps
from node_manager.state import Step

DEFAULT_GAS_PRICE = "0{denom}"
"""Accept any fee where the profile names no lowest price: the node must be given one."""


@dataclass(slots=True)
class Preparation:
    """Prepares one node; each call does only what is still to be done."""

    layout: Layout
    folder: NodeFolder
    home: Path
    steps: Steps

    async def program(
        self, profile: Profile, release: Release | None, target: str
    ) -> InstalledRelease:
        """Fetch, check, unpack and try the program, or find the installed one.

        Args:
            release: the upgrade it shall run, None for the profile's recommended version.
            target: the platform whose program it is.

        Raises:
            FactsMissing: the profile does not say enough and nobody was asked.
            LocalNetworkNotStarted: it is the local network, which has never run here.
            DownloadError: nothing was installed.
        """
        request = _request(profile, release, target)
        version = request.version
        began = time.time()
        try:
            with self.steps.working(Step.DOWNLOAD, f"{profile.daemon_name} {version}"):
                installed = await install_release(
                    request, self.layout, on_progress=self._downloading
                )
        except ChecksumWrong as error:
            self.steps.done(Step.DOWNLOAD, f"{profile.daemon_name} {version}")
            self.steps.failed(Step.VERIFY, error.explanation)
            raise
        if installed.provenance.installed_at < began:
            note = f"{profile.daemon_name} {version} is installed"
        else:
            megabytes = f"{installed.provenance.size / 1e6:.1f}"
            note = f"{profile.daemon_name} {version}, {megabytes} MB downloaded"
        self.steps.update(Step.DOWNLOAD, note=note)
        self.steps.done(Step.VERIFY, f"{installed.provenance.checksum[:18]}… as published")
        return installed

    async def take_file(
        self, file: Path, profile: Profile, release: Release | None, target: str
    ) -> InstalledRelease:
        """Install the program from a file of this computer, if it is the published one.

        Raises:
            FactsMissing, LocalNetworkNotStarted: as `program`.
            DownloadError: nothing was installed or changed.
        """
        return await install_release(_request(profile, release, target), self.layout, file=file)

    def _downloading(self, progress: Progress) -> None:
        words = {
            "download": "downloading",
            "verify": "checking what an earlier try left",
            "unpack": "unpacking",
            "try": "trying it",
        }
        self.steps.update(
            Step.DOWNLOAD,
            note=words[progress.phase],
            done=progress.done,
            total=progress.total,
            rate=progress.rate,
            seconds_left=progress.seconds_left,
        )

    async def prepare(
        self,
        program: Program,
        profile: Profile,
        record: NodeRecord,
        listens: Listening,
    ) -> None:
        """Make the home what the profile and the record say; a person's own settings stay.

        Raises:
            CosmosError: the home is as it was.
        """
        with self.steps.working(Step.PREPARE, "looking for a snapshot to begin with"):
            await asyncio.to_thread(remove_aside, self.home)
            state_sync = await self._trust(profile, record)
        plan = HomePlan(
            chain_id=profile.chain_id,
            moniker=record.moniker,
            min_gas_price=profile.min_gas_price or DEFAULT_GAS_PRICE.format(denom=profile.denom),
            ports=NodePorts(**record.ports.model_dump()),
            persistent_peers=profile.persistent_peers,
            seeds=profile.seeds,
            priv_validator_laddr=listens.signer,
            local_network=profile.is_local,
            listen_host=listens.services,
            p2p_host=listens.p2p,
            state_sync=state_sync,
        )
        with self.steps.working(Step.PREPARE, "writing the configuration"):
            changed = await prepare_home(program, self.home, plan)
        note = "configuration written" if changed else "configuration as it was"
        if state_sync is not None:
            note = f"{note}, state sync from block {state_sync.trust_height}"
        self.steps.update(Step.PREPARE, note=note)

    async def _trust(self, profile: Profile, record: NodeRecord) -> StateSync | None:
        """The block to trust where a snapshot was wanted; a node with data goes on with them."""
        if not record.state_sync or await asyncio.to_thread(holds_chain_data, self.home):
            return None
        return await find_trust(profile.state_sync_servers, profile.chain_id)

    async def genesis(self, profile: Profile) -> None:
        """Bring the network's genesis and hold it against its published hash.

        Raises:
            CosmosError, DownloadError: the home's genesis is as it was.
        """

        def fetching(progress: Progress) -> None:
            self.steps.update(Step.GENESIS, done=progress.done, total=progress.total)

        with self.steps.working(Step.GENESIS, "fetching the genesis"):
            found = await fetch_genesis(
                profile,
                self.home / "config" / "genesis.json",
                partial_folder=self.layout.downloads,
                on_progress=fetching,
            )
        sha256 = found.sha256[:11]
        note = f"SHA-256 {sha256}…, hash as published"
        if not found.verified:
            note = f"SHA-256 {sha256}…, no hash is published"
        self.steps.update(Step.GENESIS, note=note)


def _request(profile: Profile, release: Release | None, target: str) -> ReleaseRequest:
    binary, version = _wanted(profile, release, target)
    return ReleaseRequest(
        program=profile.daemon_name,
        version=version,
        target=target,
        url=binary.url,
        checksum=binary.checksum,
        trial=target == this_target(),
    )


def _wanted(profile: Profile, release: Release | None, target: str) -> tuple[Binary, str]:
    if release is not None and (upgrade := release.binary_for(target)) is not None:
        return upgrade, release.version
    missing = [fact for fact in profile.missing(target) if fact.needed]
    if missing and profile.is_local:
        raise LocalNetworkNotStarted(network=profile.display_name)
    if missing:
        raise FactsMissing(
            network=profile.display_name,
            questions="; ".join(fact.label for fact in missing),
            fields=", ".join(fact.field for fact in missing),
        )
    return profile.binary_for(target), profile.version


def require_state_sync(profile: Profile) -> None:
    """Refuse a snapshot that nobody could hold against another one.

    Raises:
        StateSyncNotOffered: the profile names fewer than two servers.
    """
    if not profile.offers_state_sync:
        count = len(profile.state_sync_servers)
        raise StateSyncNotOffered(network=profile.display_name, count=count)
