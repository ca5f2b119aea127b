# SPDX-License-Identifier: Apache-2.0
"""The parts of chain-registry's `chain.json`, `versions.json` and `assetlist.json` used here.

Source: `chain.schema.json`, `versions.schema.json` and `assetlist.schema.json` of
github.com/cosmos/chain-registry. Keys that are not used are ignored, whatever they hold.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from node_manager.downloads.checksum import DIGITS, Checksum, split_checksum
from node_manager.downloads.errors import ChecksumInvalid

CHAIN_ID_LIMIT = 50
"""CometBFT's `types.MaxChainIDLen`."""

_NODE_ID = re.compile(r"[0-9a-f]{40}")
_CHAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PROGRAM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PREFIX = re.compile(r"[!-@\[-~]{1,83}")  # BIP 173: printable ASCII, here in lower case
_DENOM = re.compile(r"[a-zA-Z][a-zA-Z0-9/:._-]{1,127}")
_HOST = re.compile(r"[A-Za-z0-9_.:-]+")


def _matching(pattern: re.Pattern[str], what: str) -> AfterValidator:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f"is not {what}")
        return text

    return AfterValidator(check)


def _exact(value: object) -> object:
    """A JSON number as it is written: through its shortest text, not its binary value."""
    return str(value) if isinstance(value, float) else value


def check_url(url: str, schemes: tuple[str, ...] = ("https", "http")) -> str:
    """Return `url`.

    Raises:
        ValueError: it is no complete address of one of `schemes`.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in schemes or not (parts.hostname or parts.scheme == "file"):
        raise ValueError(f"is not an address of {', '.join(schemes)}")
    return url.strip()


def check_download(url: str) -> str:
    """Return `url`, an address to download from whose `?checksum=`, if any, is one.

    Raises:
        ValueError: it is not.
    """
    published_checksum(check_url(url, ("https", "http", "file")))
    return url.strip()


def published_checksum(url: str) -> Checksum | None:
    """The checksum in a URL; None when there is none or it is of a kind that is not trusted.

    Raises:
        ValueError: a sha256 or sha512 of the wrong form.
    """
    _, text = split_checksum(url)
    if text is None or text.partition(":")[0].lower() not in (*DIGITS, text.lower()):
        return None  # md5, or go-getter's "file:": as good as none
    try:
        return Checksum.parse(text)
    except ChecksumInvalid as error:
        raise ValueError(f"has a checksum that is not one: {text[:80]}") from error


def check_address(address: str) -> str:
    """Return `address`, a peer's "host:port".

    Raises:
        ValueError: it is not one. CometBFT exits at once for a peer without a port.
    """
    text = address.strip().removeprefix("tcp://")
    host, colon, port = text.rpartition(":")
    inner = host.removeprefix("[").removesuffix("]")
    if not colon or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError("has no port")
    if not inner or not _HOST.fullmatch(inner):
        raise ValueError("has no host")
    return text


HttpUrl = Annotated[str, AfterValidator(check_url)]
Download = Annotated[str, AfterValidator(check_download)]
Denom = Annotated[str, _matching(_DENOM, "a denomination")]
Price = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, allow_inf_nan=False)]


class Part(BaseModel):
    """Root of the parts: read-only, other keys ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Peer(Part):
    """A node to connect to."""

    id: Annotated[str, _matching(_NODE_ID, "a node id of 40 lower-case hexadecimal digits")]
    address: Annotated[str, AfterValidator(check_address)]

    def __str__(self) -> str:
        return f"{self.id}@{self.address}"


class Peers(Part):
    """Where a node finds the network."""

    seeds: tuple[Peer, ...] = ()
    persistent_peers: tuple[Peer, ...] = ()


class Endpoint(Part):
    """A public service of the network."""

    address: HttpUrl
    provider: str = ""


class Apis(Part):
    """Public services by kind."""

    rpc: tuple[Endpoint, ...] = ()
    rest: tuple[Endpoint, ...] = ()


class FeeToken(Part):
    """A token that pays fees, with its prices per unit of gas."""

    denom: Denom
    fixed_min_gas_price: Price | None = None
    low_gas_price: Price | None = None


class Fees(Part):
    """What fees are paid in."""

    fee_tokens: tuple[FeeToken, ...] = ()


class StakingToken(Part):
    """A token that is staked."""

    denom: Denom


class Staking(Part):
    """What is staked."""

    staking_tokens: tuple[StakingToken, ...] = ()


class Genesis(Part):
    """Where the genesis is published."""

    genesis_url: Download | None = None


class Codebase(Part):
    """The node program and where it is published, by platform."""

    git_repo: str = ""
    recommended_version: str = ""
    tag: str = ""
    binaries: dict[str, Download] = Field(default_factory=dict)
    genesis: Genesis = Genesis()


class Bech32Config(Part):
    """Address prefixes that are not the usual suffixes of `bech32_prefix`."""

    val_addr: str = Field("", alias="bech32PrefixValAddr")
    cons_addr: str = Field("", alias="bech32PrefixConsAddr")


class Chain(Part):
    """`chain.json`."""

    chain_name: str = Field(min_length=1, max_length=100)
    chain_type: Literal["cosmos"] = "cosmos"
    chain_id: Annotated[
        str,
        Field(max_length=CHAIN_ID_LIMIT),
        _matching(_CHAIN_ID, "a chain id of letters, digits, dot, dash and underscore"),
    ]
    pretty_name: str = ""
    status: str = ""
    network_type: str = ""
    description: str = ""
    website: str = ""
    bech32_prefix: Annotated[str, _matching(_PREFIX, "an address prefix")]
    bech32_config: Bech32Config = Bech32Config()
    daemon_name: Annotated[str, _matching(_PROGRAM, "a program's name")]
    node_home: str = ""
    slip44: int | None = None
    fees: Fees = Fees()
    staking: Staking = Staking()
    codebase: Codebase = Codebase()
    peers: Peers = Peers()
    apis: Apis = Apis()


class Version(Part):
    """One release of the node program, from `versions.json`.

    Attributes:
        name: the upgrade's name on chain.
        height: the block from which on it is needed, None when it is not planned.
    """

    name: str = Field(min_length=1)
    tag: str = ""
    recommended_version: str = ""
    height: int | None = Field(None, ge=0)
    proposal: int | None = None
    next_version_name: str = ""
    previous_version_name: str = ""
    binaries: dict[str, Download] = Field(default_factory=dict)


class Versions(Part):
    """`versions.json`."""

    versions: tuple[Version, ...] = ()


class DenomUnit(Part):
    """A unit of a token, `exponent` decimal places above the base."""

    denom: str
    exponent: int = Field(0, ge=0, le=30)
    aliases: tuple[str, ...] = ()


class Asset(Part):
    """A token: its base denomination, its units and how it is shown."""

    base: str
    display: str = ""
    symbol: str = ""
    denom_units: tuple[DenomUnit, ...] = ()


class AssetList(Part):
    """`assetlist.json`."""

    assets: tuple[Asset, ...] = ()
