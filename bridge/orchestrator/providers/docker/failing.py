# SPDX-License-Identifier: Apache-2.0
"""Trouble with Docker as trouble of the provider, in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bridge.orchestrator.providers.base import ProviderRefused, ProviderTrouble
from node_manager.explanation import Explanation, OneClickError
from node_manager.runtime.docker.errors import DockerTrouble, EngineDenied


class DockerFailed(ProviderTrouble):
    """The engine could not do it now."""

    def __init__(self, cause: OneClickError) -> None:
        super().__init__(**cause.facts)
        self._cause = cause

    @property
    def explanation(self) -> Explanation:
        """As the cause says."""
        return self._cause.explanation


class DockerRefused(DockerFailed, ProviderRefused):
    """The engine will not do it either when asked again."""

    again = False


@contextmanager
def as_provider_trouble() -> Iterator[None]:
    """Turn what Docker says into what a provider says."""
    try:
        yield
    except DockerTrouble as trouble:
        # Who may use the engine is the operator's to mend, and nobody asked for it twice.
        waits = trouble.passing or isinstance(trouble, EngineDenied)
        raise (DockerFailed if waits else DockerRefused)(trouble) from trouble
