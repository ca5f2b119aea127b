# SPDX-License-Identifier: Apache-2.0
"""Which image a container is made of: a name with its digest, or one whose digest is pinned.

What ran first under a tag is pinned in the validator's folder (`image_pins`).
"""

from __future__ import annotations

import time
from pathlib import Path

import structlog
from docker import DockerClient
from docker.errors import APIError, ImageNotFound, NotFound
from docker.models.images import Image
from pydantic import BaseModel, ConfigDict, TypeAdapter

from node_manager.networks.bundled import resources
from node_manager.obol.images.errors import ImageChanged
from node_manager.obol.images.pins import Pin, pin, pinned

log = structlog.get_logger(__name__)


class ClientImage(BaseModel):
    """The image of a validator client (`resources/obol/clients.json`).

    Attributes:
        command: first words inside, where the image has no entry point of its own.
    """

    model_config = ConfigDict(frozen=True)

    image: str
    image_digest: str = ""
    command: tuple[str, ...] = ()


_CLIENTS = TypeAdapter(dict[str, ClientImage])


def client_image(kind: str) -> ClientImage:
    """The bundled one. Blocks for the disk."""
    return _CLIENTS.validate_json((resources() / "obol" / "clients.json").read_bytes())[kind]


def with_digest(reference: str, digest: str) -> str:
    """The reference by its digest, where one is known."""
    return f"{_repository(reference)}@{digest}" if digest else reference


def image_for(client: DockerClient, run: Path, name: str, reference: str) -> str:
    """The identity to run for `reference`, fetched when it is not there. Blocks.

    Raises:
        ImageChanged: the reference stands for another image than ran here before.
        ImagePinsUnreadable: what ran here before is unknown.
        DockerException: the engine has no such image and cannot get it.
    """
    before = pinned(run).get(name)
    known = before.identity if before is not None and before.reference == reference else ""
    if known and _has(client, known):
        return known
    identity = _identity(_fetched(client, reference), reference)
    if known and identity != known:
        raise ImageChanged(reference=reference, before=known, now=identity)
    if not known:
        log.info("image pinned", name=name, reference=reference, identity=identity)
        pin(run, name, Pin(reference=reference, identity=identity, pinned_at=time.time()))
    return identity


def _has(client: DockerClient, identity: str) -> bool:
    try:
        client.images.get(identity)
    except ImageNotFound:
        if "@" not in identity:
            return False
        try:
            client.images.pull(identity)
        except (APIError, NotFound):
            return False
    return True


def _fetched(client: DockerClient, reference: str) -> Image:
    try:
        return client.images.get(reference)
    except ImageNotFound:
        log.info("image is fetched", image=reference)
        client.images.pull(reference)
        return client.images.get(reference)


def _identity(image: Image, reference: str) -> str:
    """Of `RepoDigests` (Docker Engine API, ImageInspect) the one of the reference."""
    if "@" in reference:
        return reference
    repository = _repository(reference)
    digests: list[str] = image.attrs.get("RepoDigests") or []
    ours = [one for one in digests if one.partition("@")[0] == repository]
    return ours[0] if ours else str(image.id)


def _repository(reference: str) -> str:
    """Without tag and digest; a colon before a slash is that of a port."""
    name = reference.partition("@")[0]
    head, _, last = name.rpartition("/")
    return f"{head}/{last.partition(':')[0]}" if head else last.partition(":")[0]
