# SPDX-License-Identifier: Apache-2.0
"""The providers that the settings offer."""

from __future__ import annotations

from pathlib import Path

from bridge.orchestrator.enums import ProviderName
from bridge.orchestrator.errors import SettingsWrong
from bridge.orchestrator.providers.base import Provider, Providers
from bridge.orchestrator.settings import Settings
from node_manager.layout import Layout


def providers_of(settings: Settings, layout: Layout, file: Path | None = None) -> Providers:
    """One object a cloud provider that is offered; `file` is the settings file.

    Raises:
        SettingsWrong: one is offered that this version cannot serve.
    """
    offered: dict[ProviderName, Provider] = {}
    for name in settings.providers:
        match name:
            case ProviderName.LOCAL:
                continue
            case ProviderName.OMNIPHI_CLOUD:
                from bridge.orchestrator.providers.docker.provider import DockerProvider
                from bridge.orchestrator.providers.docker.settings import load_docker_settings

                offered[name] = DockerProvider(load_docker_settings(file), layout)
            case _:
                raise SettingsWrong(reason=f"PROVIDERS: {name} has no implementation here.")
    return offered
