# SPDX-License-Identifier: Apache-2.0
"""The orchestrator's settings: environment first, then the settings file, then defaults.

Names in the environment carry the prefix ONECLICK_ORCHESTRATOR_ (see `.env.example`).
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, IPvAnyNetwork, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bridge.orchestrator.enums import ProviderName
from bridge.orchestrator.errors import PlainHttpInPublic, SettingsWrong

PREFIX = "ONECLICK_ORCHESTRATOR_"


def _split(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


Words = Annotated[list[str], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """All settings.

    Attributes:
        public_url: how browsers reach it; named in what wallets sign.
        database_url: SQLite or PostgreSQL; empty for the file in the app's data folder.
        network: id of the profile whose chain it serves.
        chain_id: with `rest_urls` and `rpc_urls` they replace what the profile says.
        trusted_proxies: whose X-Forwarded-For is believed.
        cors_origins: exact origins of portals that are served from elsewhere.
        bridge_port: where the portal looks for the app on its reader's computer.
        providers: who may run cloud validators here.
        lease_seconds: after which the work of a worker that was killed is taken up by another.
        rates: requests a minute and address; 0 switches a limit off.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = "http://localhost:8000"
    database_url: str = ""
    network: str = "localnet"
    chain_id: str = ""
    bech32_prefix: str = Field(default="omni", pattern="^[a-z]{1,20}$")
    rest_urls: Words = []
    rpc_urls: Words = []
    cors_origins: Words = []
    trusted_proxies: Annotated[list[IPvAnyNetwork], NoDecode, BeforeValidator(_split)] = []
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    behind_tls_proxy: bool = False
    allow_plain_http: bool = False
    providers: Annotated[list[ProviderName], NoDecode, BeforeValidator(_split)] = [
        ProviderName.LOCAL
    ]
    bridge_port: int = Field(default=15000, ge=1, le=65535)
    metrics_public: bool = False
    migrate_at_start: bool = True
    work_in_process: bool = True
    lease_seconds: float = Field(default=60.0, ge=2, le=3600)
    session_seconds: int = Field(default=1800, ge=60, le=86_400)
    nonce_seconds: int = Field(default=300, ge=30, le=3600)
    heartbeat_skew_seconds: int = Field(default=300, ge=10, le=86_400)
    reads_per_minute: int = Field(default=1200, ge=0)
    changes_per_minute: int = Field(default=60, ge=0)
    sign_ins_per_minute: int = Field(default=20, ge=0)
    heartbeats_per_minute: int = Field(default=600, ge=0)
    log_file: Path | None = None

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("TLS_CERTIFICATE and TLS_KEY belong together")
        if "*" in self.cors_origins:
            raise ValueError("CORS_ORIGINS names exact origins; * is not one")
        return self

    @property
    def is_loopback(self) -> bool:
        """Whether only this computer can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def check_exposure(self) -> None:
        """Refuse plain HTTP on an address that others reach, unless told to.

        Raises:
            PlainHttpInPublic: it would.
        """
        safe = self.tls_certificate is not None or self.behind_tls_proxy or self.is_loopback
        if not safe and not self.allow_plain_http:
            raise PlainHttpInPublic(host=self.host)


def load_settings(file: Path | None = None, **overrides: object) -> Settings:
    """The settings of this process.

    Raises:
        SettingsWrong: a value is not allowed; all of them are named.
    """
    try:
        return Settings(_env_file=file, **overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        reason = "; ".join(
            f"{'.'.join(map(str, fault['loc'])).upper() or 'settings'}: {fault['msg']}"
            for fault in error.errors()
        )
        raise SettingsWrong(reason=reason) from error
