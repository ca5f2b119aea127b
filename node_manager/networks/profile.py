# SPDX-License-Identifier: Apache-2.0
"""A network's profile: what is published of it, our own part and a person's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from node_manager.downloads.checksum import Checksum, split_checksum
from node_manager.networks.answers import (
    BINARY,
    CHECKSUM,
    GENESIS_SHA256,
    GENESIS_URL,
    PERSISTENT_PEERS,
    PERSON,
    Answer,
    MissingFact,
    make_answers,
    split_peers,
)
from node_manager.networks.chain import (
    Asset,
    AssetList,
    Chain,
    Version,
    Versions,
    published_checksum,
)
from node_manager.networks.errors import NoProgramForPlatform
from node_manager.networks.own import Needs, OwnPart, Ports
from node_manager.networks.targets import container_target, this_target

STATE_SYNC_SERVERS = 2
Origin = Literal["bundled", "imported", "localnet"]


@dataclass(frozen=True, slots=True)
class Binary:
    """A published program: where it lies and what it must be, None while nobody said."""

    target: str
    url: str
    checksum: Checksum | None


@dataclass(frozen=True, slots=True)
class Release:
    """A release of the node program that an upgrade names.

    Attributes:
        name: the upgrade's name on chain.
        version: the tag it is published under.
        height: the block from which on it is needed, None when it is not planned.
        binaries: by platform.
    """

    name: str
    version: str
    height: int | None
    binaries: Mapping[str, Binary]

    def binary_for(self, target: str) -> Binary | None:
        """The program for a platform, None when none is published."""
        return self.binaries.get(target)


@dataclass(frozen=True, slots=True)
class Profile:
    """A network that a validator can join."""

    id: str
    chain: Chain
    own: OwnPart = field(default_factory=OwnPart)
    versions: Versions = field(default_factory=Versions)
    assets: AssetList = field(default_factory=AssetList)
    answers: tuple[Answer, ...] = ()
    origin: Origin = "bundled"

    @property
    def display_name(self) -> str:
        """The network as a person knows it."""
        return self.own.display_name or self.chain.pretty_name or self.chain.chain_id

    @property
    def description(self) -> str:
        """What the network is, possibly empty."""
        return self.own.description or self.chain.description

    @property
    def chain_id(self) -> str:
        """The chain id, such as "omniphi-testnet-2"."""
        return self.chain.chain_id

    @property
    def network_type(self) -> str:
        """ "mainnet", "testnet", "devnet", or empty."""
        return self.chain.network_type

    @property
    def daemon_name(self) -> str:
        """The node program, such as "posd"."""
        return self.chain.daemon_name

    @property
    def version(self) -> str:
        """The version of the program to run now, empty when nobody says."""
        return self.chain.codebase.recommended_version or self.chain.codebase.tag

    @property
    def bech32_prefix(self) -> str:
        """The prefix of account addresses."""
        return self.chain.bech32_prefix

    @property
    def validator_prefix(self) -> str:
        """The prefix of validator (operator) addresses."""
        return self.chain.bech32_config.val_addr or f"{self.bech32_prefix}valoper"

    @property
    def consensus_prefix(self) -> str:
        """The prefix of consensus addresses."""
        return self.chain.bech32_config.cons_addr or f"{self.bech32_prefix}valcons"

    @property
    def genesis_url(self) -> str | None:
        """Where the genesis is published, without a checksum field."""
        url = self.chain.codebase.genesis.genesis_url or self.answer(GENESIS_URL)
        return None if url is None else split_checksum(url)[0]

    @property
    def genesis_sha256(self) -> str | None:
        """The SHA-256 of the published genesis file in lower-case hex, None when unknown."""
        if self.own.genesis_sha256:
            return self.own.genesis_sha256
        for url in (self.chain.codebase.genesis.genesis_url, self.answer(GENESIS_URL)):
            checksum = published_checksum(url) if url else None
            if checksum is not None and checksum.algorithm == "sha256":
                return checksum.digest
        return self.answer(GENESIS_SHA256)

    @property
    def denom(self) -> str:
        """The staking token's base denomination, empty when nobody says."""
        if self.chain.staking.staking_tokens:
            return self.chain.staking.staking_tokens[0].denom
        return self.chain.fees.fee_tokens[0].denom if self.chain.fees.fee_tokens else ""

    @property
    def decimals(self) -> int | None:
        """Decimal places between base and shown amounts, None when nobody says."""
        if self.own.decimals is not None:
            return self.own.decimals
        asset = self._asset()
        if asset is None:
            return None
        return next(
            (unit.exponent for unit in asset.denom_units if unit.denom == asset.display), None
        )

    @property
    def display_denom(self) -> str:
        """The staking token as a person reads it; the base denomination when nobody says."""
        if self.own.display_denom:
            return self.own.display_denom
        asset = self._asset()
        return (asset and (asset.symbol or asset.display)) or self.denom

    @property
    def min_gas_price(self) -> str | None:
        """The lowest gas price, such as "0.025omniphi", None when nobody says."""
        for token in self.chain.fees.fee_tokens:
            price = token.fixed_min_gas_price
            if price is None:
                price = token.low_gas_price
            if price is not None:
                text = format(price, "f")
                return (text.rstrip("0").rstrip(".") if "." in text else text) + token.denom
        return None

    @property
    def offers_state_sync(self) -> bool:
        """Whether there are servers enough to hold a snapshot's block against each other."""
        return len(self.state_sync_servers) >= STATE_SYNC_SERVERS

    @property
    def rpc_urls(self) -> tuple[str, ...]:
        """Public RPC addresses."""
        return tuple(end.address.rstrip("/") for end in self.chain.apis.rpc)

    @property
    def rest_urls(self) -> tuple[str, ...]:
        """Public REST addresses."""
        return tuple(end.address.rstrip("/") for end in self.chain.apis.rest)

    @property
    def persistent_peers(self) -> tuple[str, ...]:
        """Peers to stay connected to, each "id@host:port"."""
        published = tuple(str(peer) for peer in self.chain.peers.persistent_peers)
        return published or split_peers(self.answer(PERSISTENT_PEERS) or "")

    @property
    def seeds(self) -> tuple[str, ...]:
        """Nodes that tell of others, each "id@host:port"."""
        return tuple(str(peer) for peer in self.chain.peers.seeds)

    @property
    def state_sync_servers(self) -> tuple[str, ...]:
        """RPC addresses for state sync; it wants at least two."""
        return self.own.state_sync_servers

    @property
    def ports(self) -> Ports:
        """The ports a node of this network has unless others are chosen."""
        return self.own.ports

    @property
    def needs(self) -> Needs:
        """What the network asks of a computer."""
        return self.own.needs

    @property
    def is_local(self) -> bool:
        """Whether the network runs on this computer, for trying things out."""
        return self.own.is_local

    @property
    def featured(self) -> bool:
        """Whether it is offered at the first start; the others are found by their name."""
        return self.own.featured or self.own.is_local

    @property
    def runtime(self) -> Literal["native", "docker"]:
        """How its nodes are meant to run."""
        return self.own.runtime

    @property
    def target(self) -> str:
        """The platform whose program runs on this computer: its own, or a container's."""
        own, contained = this_target(), container_target()
        lacking = own not in self.targets and contained in self.targets
        return contained if lacking or self.runtime == "docker" else own

    @property
    def targets(self) -> tuple[str, ...]:
        """The platforms it has a program for."""
        answered = [
            answer.field.removeprefix(BINARY)
            for answer in self.answers
            if answer.field.startswith(BINARY)
        ]
        return tuple(dict.fromkeys([*self.chain.codebase.binaries, *answered]))

    def answer(self, name: str) -> str | None:
        """What a person answered to the question `name`, None for nothing."""
        return next((answer.value for answer in self.answers if answer.field == name), None)

    def binary_for(self, target: str) -> Binary:
        """The program for a platform. Published facts win over answers.

        Raises:
            NoProgramForPlatform: nobody published or named one.
        """
        url = self.chain.codebase.binaries.get(target) or self.answer(BINARY + target)
        if url is None:
            available = ", ".join(self.targets) or "none"
            raise NoProgramForPlatform(name=self.display_name, target=target, available=available)
        return self._binary(target, url)

    def release_for(self, name: str) -> Release | None:
        """The release that the upgrade `name` needs, None when the profile does not know it."""
        found = next((entry for entry in self.versions.versions if entry.name == name), None)
        return None if found is None else self._release(found)

    def releases(self) -> tuple[Release, ...]:
        """Every release the profile knows, in the order in which it lists them."""
        return tuple(self._release(entry) for entry in self.versions.versions)

    def missing(self, target: str | None = None) -> list[MissingFact]:
        """What is asked before a validator runs on `target` (what this computer would run)."""
        target = target or self.target
        facts = []
        if target not in self.targets:
            facts.append(_missing_binary(target, self.daemon_name))
        if target not in self.targets or self.binary_for(target).checksum is None:
            facts.append(_missing_checksum(target, self.daemon_name))
        if self.genesis_url is None:
            facts.append(_MISSING_GENESIS)
        if self.genesis_sha256 is None:
            facts.append(_MISSING_GENESIS_HASH)
        if not self.persistent_peers and not self.seeds:
            facts.append(_MISSING_PEERS)
        return facts

    def with_answers(
        self, values: Mapping[str, str], *, said_by: str = PERSON, at: float | None = None
    ) -> Profile:
        """This profile with the answers to what is missing, by the missing fact's `field`.

        Raises:
            ProfileInvalid: with every answer that is wrong.
        """
        new = make_answers(values, network=self.display_name, said_by=said_by, at=at)
        names = {answer.field for answer in new}
        kept = tuple(answer for answer in self.answers if answer.field not in names)
        answered = replace(self, answers=kept + new)
        return replace(self, answers=tuple(answered._with_subject(each) for each in kept + new))

    def _with_subject(self, answer: Answer) -> Answer:
        """A checksum's answer with the address it is about."""
        target = answer.field.removeprefix(CHECKSUM)
        if target == answer.field or answer.about or target not in self.targets:
            return answer
        return answer.model_copy(update={"about": self.binary_for(target).url})

    def _binary(self, target: str, url: str) -> Binary:
        plain, _ = split_checksum(url)
        checksum = published_checksum(url)
        if checksum is None:
            said = next((a for a in self.answers if a.field == CHECKSUM + target), None)
            if said is not None and said.about in ("", plain):
                checksum = Checksum.parse(said.value)
        return Binary(target, plain, checksum)

    def _release(self, entry: Version) -> Release:
        binaries = {target: self._binary(target, url) for target, url in entry.binaries.items()}
        version = entry.recommended_version or entry.tag or entry.name
        return Release(entry.name, version, entry.height, binaries)

    def _asset(self) -> Asset | None:
        return next((asset for asset in self.assets.assets if asset.base == self.denom), None)


def _missing_binary(target: str, program: str) -> MissingFact:
    return MissingFact(
        BINARY + target,
        f"Address of {program} for {target}",
        "The network's profile names no program for this computer. The network's team publishes"
        " where it lies.",
    )


def _missing_checksum(target: str, program: str) -> MissingFact:
    return MissingFact(
        CHECKSUM + target,
        f"SHA-256 of {program} for {target}",
        "Without it nobody can tell the published program from a changed one, and a changed one"
        " can have the validator punished. Ask the network's team for it.",
    )


_MISSING_GENESIS = MissingFact(
    GENESIS_URL,
    "Address of the genesis file",
    "A node begins with the network's genesis. The network's team publishes where it lies; an"
    " RPC address of a running node serves it at /genesis.",
)

_MISSING_GENESIS_HASH = MissingFact(
    GENESIS_SHA256,
    "SHA-256 of the genesis file",
    "With it a changed genesis is noticed before the node starts. Without it this computer relies"
    " on the server that the genesis comes from.",
    needed=False,
)

_MISSING_PEERS = MissingFact(
    PERSISTENT_PEERS,
    "Peers, as id@host:port",
    "A node finds the network through the first nodes it knows. The network's team publishes"
    " their addresses.",
)
