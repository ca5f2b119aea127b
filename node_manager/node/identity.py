# SPDX-License-Identifier: Apache-2.0
"""Which validator it is: its record on the disk, its folders, its network."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from node_manager.cosmos.rpc import Rpc
from node_manager.errors import FileTrouble
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.profile import Profile, Release
from node_manager.node.record import NodeRecord, Ports, save_record

log = structlog.get_logger(__name__)


class Identity:
    """What is remembered of one node, written whenever it changes."""

    def __init__(self, layout: Layout, record: NodeRecord, catalogue: Catalogue) -> None:
        self.record = record
        self.folder = layout.node(record.id)
        self._catalogue = catalogue
        self._views: list[Rpc] = []

    @property
    def id(self) -> str:
        """Its name on this computer."""
        return self.record.id

    @property
    def home(self) -> Path:
        """The node program's home."""
        return self.record.home or self.folder.home

    @property
    def node_log(self) -> Path:
        """What the node program writes."""
        return self.folder.logs / "node.log"

    @property
    def rpc_url(self) -> str:
        """Where the node answers."""
        return f"http://127.0.0.1:{self.record.ports.rpc}"

    def profile(self) -> Profile:
        """Its network, with what the person said where the profile is silent."""
        profile = self._catalogue.get(self.record.network)
        return profile.with_answers(self.record.answers) if self.record.answers else profile

    def release(self, profile: Profile) -> Release | None:
        """The release of the last upgrade, None for the recommended one."""
        return profile.release_for(self.record.upgrade) if self.record.upgrade else None

    def network_views(self) -> list[Rpc]:
        """The network's own servers."""
        known = {view.url: view for view in self._views}
        self._views = [known.get(url) or Rpc(url) for url in self.profile().rpc_urls]
        return self._views

    async def want(self, wanted: bool) -> None:
        """Remember whether the person wants it to run."""
        if self.record.wanted != wanted:
            self.record.wanted = wanted
            await self.save()

    async def use_ports(self, ports: Ports, signer_port: int) -> None:
        """Remember other ports.

        Raises:
            FileTrouble: the old ones stand.
        """
        record = self.record
        before = record.ports, record.signer_port
        record.ports, record.signer_port = ports, signer_port
        try:
            await self.save()
        except OSError as error:
            record.ports, record.signer_port = before
            raise FileTrouble(reason=error) from error
        log.info("ports changed", node=self.id, **ports.model_dump())

    async def save(self) -> None:
        """Write the record durably."""
        await asyncio.to_thread(save_record, self.folder.record, self.record)

    async def close(self) -> None:
        """End the connections to the network."""
        await asyncio.gather(*(view.close() for view in self._views))
