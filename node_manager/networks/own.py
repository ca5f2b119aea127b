# SPDX-License-Identifier: Apache-2.0
"""What a network needs and chain-registry has no field for: `oneclick.json`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from node_manager.networks.chain import HttpUrl

Port = Annotated[int, Field(ge=1, le=65535)]


def check_sha256(text: str) -> str:
    """Return `text` in lower case, without a "sha256:" before it.

    Raises:
        ValueError: it is not 64 hexadecimal digits.
    """
    digits = text.strip().lower().removeprefix("sha256:")
    if len(digits) != 64 or any(letter not in "0123456789abcdef" for letter in digits):
        raise ValueError("is not a SHA-256 of 64 hexadecimal digits")
    return digits


Sha256 = Annotated[str, AfterValidator(check_sha256)]


class OwnModel(BaseModel):
    """Root of the models of `oneclick.json`: ours, so a key nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Ports(OwnModel):
    """Ports of a node. The defaults are CometBFT's and the Cosmos SDK's own."""

    p2p: Port = 26656
    rpc: Port = 26657
    rest: Port = 1317
    grpc: Port = 9090
    prometheus: Port = 26660


class Needs(OwnModel):
    """What the network's team asks of a computer, None where it says nothing.

    Attributes:
        source: in words, who says so or how it was measured; empty for the network's team.
    """

    disk_gb: float | None = Field(None, gt=0)
    memory_gb: float | None = Field(None, gt=0)
    cores: int | None = Field(None, gt=0)
    source: str = ""


class OwnPart(OwnModel):
    """`oneclick.json`.

    Attributes:
        genesis_sha256: of the published genesis file, None when nobody published one.
        state_sync_servers: RPC addresses for state sync; it wants at least two.
        decimals: of the staking token, where there is no `assetlist.json`.
        display_denom: the staking token as a person reads it.
        is_local: a network on this computer, for trying things out.
        featured: whether it is offered at the first start; others are found by their name.
    """

    display_name: str = ""
    description: str = ""
    genesis_sha256: Sha256 | None = None
    state_sync_servers: tuple[HttpUrl, ...] = ()
    ports: Ports = Ports()
    runtime: Literal["native", "docker"] = "native"
    needs: Needs = Needs()
    decimals: int | None = Field(None, ge=0, le=30)
    display_denom: str = ""
    is_local: bool = False
    featured: bool = False
