# SPDX-License-Identifier: Apache-2.0
"""Settings of the Docker provider; in the environment with ONECLICK_ORCHESTRATOR_DOCKER_."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bridge.orchestrator.errors import SettingsWrong

PREFIX = "ONECLICK_ORCHESTRATOR_DOCKER_"


class DockerSettings(BaseSettings):
    """All settings.

    Attributes:
        host: the engine's address; empty for DOCKER_HOST or the usual socket.
        image: what containers are made of; see packaging/docker.
        service: tells the containers of several orchestrators on one engine apart.
        first_port, last_port: host ports given to the validators' p2p.
        listen_host: address of this host on which those ports are published.
        public_host: how peers reach this host; named in `p2pEndpoint`.
        profile: folder with the network's profile as containers see it; empty for the same one
            that this service uses.
        cpus, memory_gb, pids: limits of each container.
        stop_seconds: how long a node may take to end before it is killed.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    host: str = ""
    image: str = "oneclick-validator-node:latest"
    service: str = Field(default="oneclick", pattern="^[a-z0-9][a-z0-9-]{0,31}$")
    first_port: int = Field(default=27000, ge=1024, le=65535)
    last_port: int = Field(default=27999, ge=1024, le=65535)
    listen_host: str = "0.0.0.0"  # noqa: S104  (a validator is dialled by its peers)
    public_host: str = "127.0.0.1"
    profile: Path | None = None
    cpus: float = Field(default=2.0, gt=0)
    memory_gb: float = Field(default=4.0, ge=0.5)
    pids: int = Field(default=512, ge=64)
    stop_seconds: int = Field(default=60, ge=5)

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.last_port < self.first_port:
            raise ValueError("LAST_PORT is below FIRST_PORT")
        return self


def load_docker_settings(file: Path | None = None) -> DockerSettings:
    """The settings of this process.

    Raises:
        SettingsWrong: a value is not allowed; all of them are named.
    """
    try:
        return DockerSettings(_env_file=file)
    except ValidationError as error:
        reason = "; ".join(
            f"DOCKER_{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
            for fault in error.errors()
        )
        raise SettingsWrong(reason=reason) from error
