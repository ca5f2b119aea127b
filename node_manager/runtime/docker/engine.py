# SPDX-License-Identifier: Apache-2.0
"""One Docker engine: the SDK's blocking calls in threads, its errors as ours."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import docker
import requests
from docker import DockerClient
from docker.context import ContextAPI
from docker.errors import APIError, DockerException, ImageNotFound, NotFound

from node_manager.runtime.docker import errors

T = TypeVar("T")

CALL_SECONDS = 60
USUAL = "unix:///var/run/docker.sock"
_PORT_TAKEN = re.compile(r"port is already allocated|address already in use", re.IGNORECASE)
_NO_IMAGE = re.compile(r"No such image: (\S+)")


@dataclass(frozen=True, slots=True)
class EngineState:
    """How the engine is.

    Attributes:
        trouble: why it does not answer; None when it does.
        version: of the engine, empty when it does not answer.
    """

    address: str
    version: str = ""
    trouble: errors.DockerTrouble | None = None

    @property
    def answers(self) -> bool:
        """Whether it answers."""
        return self.trouble is None


class DockerEngine:
    """A connection that is made when it is first needed and again after the engine was away."""

    def __init__(self, address: str = "") -> None:
        """`address` as `unix:///path` or `tcp://host:port`; empty for this user's usual one."""
        self._from_environment = not address and bool(os.environ.get("DOCKER_HOST"))
        self.address = address or _usual_address()
        self._client: DockerClient | None = None
        self._lock = threading.Lock()

    async def state(self) -> EngineState:
        """Whether it answers, and why not; an absent engine is a state, no error."""
        try:
            version: Mapping[str, object] = await self.call(lambda client: client.version())
        except errors.DockerTrouble as trouble:
            return EngineState(self.address, trouble=trouble)
        return EngineState(self.address, str(version.get("Version", "")))

    async def call(self, act: Callable[[DockerClient], T]) -> T:
        """Do `act` with the SDK's client, in a thread.

        Raises:
            DockerTrouble: by kind, what the engine or its absence said.
        """
        # Not cancelled half-way: a container that was made must be known to be there.
        return await asyncio.shield(asyncio.to_thread(self.call_now, act))

    async def close(self) -> None:
        """Close the connection; the next call makes a new one."""
        await asyncio.to_thread(self._drop)

    def call_now(self, act: Callable[[DockerClient], T]) -> T:
        """`call` for those who are in a thread already."""
        try:
            return act(self._connected())
        except DockerException as error:
            raise self._explained(error) from error
        except (requests.RequestException, OSError) as error:
            self._drop()
            raise self._gone(error) from error

    def _connected(self) -> DockerClient:
        with self._lock:
            if self._client is None:
                if self._from_environment:
                    self._client = docker.from_env(timeout=CALL_SECONDS)
                else:
                    self._client = DockerClient(base_url=self.address, timeout=CALL_SECONDS)
            return self._client

    def _drop(self) -> None:
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _explained(self, error: DockerException) -> errors.DockerTrouble:
        text = str(getattr(error, "explanation", None) or error)
        named = _NO_IMAGE.search(text)
        if isinstance(error, ImageNotFound) or named is not None:
            return errors.ImageMissing(image=named.group(1) if named else "of the node")
        if isinstance(error, NotFound):
            return errors.ContainerMissing(container=text.rpartition(": ")[2])
        if _PORT_TAKEN.search(text):
            return errors.HostPortTaken(reason=text)
        if isinstance(error, APIError):
            return errors.EngineRefused(reason=text.rstrip("."), address=self.address)
        # The SDK wraps what keeps it from connecting into its root error.
        return self._gone(error)

    def _gone(self, error: BaseException) -> errors.DockerTrouble:
        text = str(error)
        if "PermissionError" in text or "Permission denied" in text:
            return errors.EngineDenied(address=self.address)
        if "FileNotFoundError" in text or "Connection refused" in text or "No such file" in text:
            return errors.EngineAbsent(address=self.address)
        return errors.EngineSilent(reason=f"No answer at {self.address} ({type(error).__name__}).")


def _usual_address() -> str:
    """What `DOCKER_HOST` says, else the context that this user chose for the `docker` command."""
    if told := os.environ.get("DOCKER_HOST"):
        return told
    try:
        context = ContextAPI.get_current_context()
        return context.Host if context is not None and context.Host else USUAL
    except (DockerException, OSError, ValueError, KeyError):
        return USUAL
