# SPDX-License-Identifier: Apache-2.0
"""The settings of one distributed validator, with the names of Obol's chart.

Where the requirements document and the chart differ in a default, the document's holds.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from node_manager.obol.errors import SettingRefused

ClientKind = Literal["lighthouse", "teku", "nimbus", "prysm", "lodestar"]
Image = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][\w./:-]*(@sha256:[0-9a-f]{64})?)?$")]
"""`repository:tag`, `repository@sha256:…`; empty for the one of the app's profile."""

_LISTEN = re.compile(r"([0-9.]+|\[[0-9a-fA-F:]+\])?:([0-9]{1,5})")


def _local(value: str) -> str:
    return _checked(value, "127.0.0.1")


def _public(value: str) -> str:
    return _checked(value, "0.0.0.0")  # noqa: S104  (peers dial in)


def _checked(value: str, host: str) -> str:
    found = _LISTEN.fullmatch(value)
    if found is None or not 0 < int(found[2]) < 65536:
        raise ValueError("it is not an address and a port, such as 127.0.0.1:3600")
    return value if found[1] else f"{host}{value}"


def _url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s]+", value):
        raise ValueError("it does not begin with http:// or https://")
    return value.rstrip("/")


def _ethereum_address(value: str) -> str:
    if not re.fullmatch(r"0x[0-9a-fA-F]{40}", value):
        raise ValueError("it is not 0x and 40 digits or letters from a to f")
    return value


Local = Annotated[str, AfterValidator(_local)]
Public = Annotated[str, AfterValidator(_public)]
Url = Annotated[str, AfterValidator(_url)]
OperatorAddress = Annotated[str, AfterValidator(_ethereum_address)]


def _camel(name: str) -> str:
    """`p2p_tcp_address` as the chart writes it: `p2pTcpAddress`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=_camel, populate_by_name=True
    )


class Amounts(_Part):
    """An amount of the computer, as charts write it: cpu "100m" or "2", memory "256Mi"."""

    cpu: Annotated[str, StringConstraints(pattern=r"^([0-9]+m?|[0-9]+\.[0-9]+)?$")] = ""
    memory: Annotated[str, StringConstraints(pattern=r"^([0-9]+(Ki|Mi|Gi)?)?$")] = ""

    @property
    def cores(self) -> float | None:
        """Cores, None when nothing is said."""
        if not self.cpu:
            return None
        return int(self.cpu[:-1]) / 1000 if self.cpu.endswith("m") else float(self.cpu)

    @property
    def bytes(self) -> int | None:
        """Bytes of memory, None when nothing is said."""
        if not self.memory:
            return None
        units = {"Ki": 1024, "Mi": 1024**2, "Gi": 1024**3}
        unit = units.get(self.memory[-2:], 0)
        return int(self.memory[:-2]) * unit if unit else int(self.memory)


class Resources(_Part):
    """What a program is meant to get, and what it may not exceed."""

    requests: Amounts = Amounts()
    limits: Amounts = Amounts()


class DkgSidecar(_Part):
    """Waiting for the cluster and the key ceremony.

    Attributes:
        target_config_hash: narrows the wait to one cluster, empty for any.
        shutdown_delay_seconds: what charon stays for the others after the ceremony.
        ceremony_seconds: our own deadline once all peers are connected; charon has none.
    """

    enabled: bool = True
    api_endpoint: Url = "https://api.obol.tech"
    initial_retry_delay_seconds: float = Field(default=5, gt=0, le=3600)
    max_retry_delay_seconds: float = Field(default=300, gt=0, le=86400)
    retry_delay_factor: float = Field(default=1.5, ge=1, le=100)
    page_limit: int = Field(default=10, ge=1, le=100)
    target_config_hash: Annotated[str, StringConstraints(pattern=r"^(0x[0-9a-fA-F]{64})?$")] = ""
    shutdown_delay_seconds: float = Field(default=1, ge=0, le=60)
    ceremony_seconds: float = Field(default=180, gt=0, le=3600)


class Charon(_Part):
    """charon itself.

    Attributes:
        version: the release to run, empty for the one that the app's profile names.
        program: a charon of the person's own instead of a release, None for the release.
        image: what runs in a container where there is no program.
        p2p_relays: empty for charon's own choice.
        direct_connection_enabled: whether an address of this computer is told to the peers.
        execution_client_rpc_endpoint: lets charon check signatures of wallets that are contracts.
        simnet_beacon_mock: charon's simulated beacon node, for trials.
        simnet_validator_mock: charon's simulated validator client, for trials.
    """

    operator_address: OperatorAddress
    version: Annotated[str, StringConstraints(pattern=r"^(v[0-9]+\.[0-9]+\.[0-9]+\S*)?$")] = ""
    program: Path | None = None
    image: Image = ""
    dkg_sidecar: DkgSidecar = DkgSidecar()
    beacon_node_endpoints: tuple[Url, ...] = ()
    fallback_beacon_node_endpoints: tuple[Url, ...] = ()
    execution_client_rpc_endpoint: str = ""
    builder_api: bool = True
    nickname: Annotated[str, StringConstraints(max_length=32)] = ""
    feature_set: Literal["alpha", "beta", "stable"] = "stable"
    monitoring_address: Local = "127.0.0.1:3620"
    validator_api_address: Local = "127.0.0.1:3600"
    p2p_tcp_address: Public = "0.0.0.0:3610"
    p2p_external_hostname: str = ""
    p2p_external_ip: str = ""
    p2p_relays: tuple[Url, ...] = ()
    direct_connection_enabled: bool = True
    simnet_beacon_mock: bool = False
    simnet_validator_mock: bool = False
    simnet_slot_duration_seconds: float = Field(default=12, gt=0)
    resources: Resources = Resources()


class ValidatorClient(_Part):
    """The validator client beside charon.

    Attributes:
        program: its executable, or a bare name to be found in PATH; empty for the usual name.
        image: what runs in a container, beside a charon in a container, when no program is named.
    """

    enabled: bool = True
    kind: ClientKind = "lighthouse"
    program: str = ""
    image: Image = ""
    metrics_port: int = Field(default=5064, gt=0, lt=65536)
    graffiti: Annotated[str, StringConstraints(max_length=32)] = ""
    resources: Resources = Resources()


class DvSettings(_Part):
    """All settings of one distributed validator.

    Attributes:
        runtime: "native" or "docker", empty for native where charon has a program.
    """

    network: Literal["mainnet", "sepolia", "hoodi"] = "hoodi"
    runtime: Literal["", "native", "docker"] = ""
    charon: Charon
    validator_client: ValidatorClient = ValidatorClient()


def read_settings(content: dict[str, Any]) -> DvSettings:
    """Check settings.

    Raises:
        SettingRefused: with the first that cannot be.
    """
    try:
        return DvSettings.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        said = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise SettingRefused(
            name=".".join(str(part) for part in first["loc"]),
            given=repr(first.get("input"))[:80],
            reason=f"{said[:1].upper()}{said[1:]}.",
        ) from None


def read_settings_file(path: Path) -> dict[str, Any]:
    """The settings of a JSON or TOML file, not checked yet.

    Raises:
        SettingRefused: it cannot be read.
    """
    try:
        text = path.read_text("utf-8")
        content = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise SettingRefused(name="file", given=str(path), reason=f"{reason}.") from error
    if not isinstance(content, dict):
        raise SettingRefused(name="file", given=str(path), reason="It holds no settings.")
    return content
