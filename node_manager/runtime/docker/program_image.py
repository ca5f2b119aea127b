# SPDX-License-Identifier: Apache-2.0
"""An image with one static program and nothing else, made of a verified download."""

from __future__ import annotations

import hashlib
import json
import struct
import tarfile
import tempfile
from pathlib import Path

import certifi
from docker import DockerClient
from docker.errors import ImageNotFound

from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.errors import NotAStaticProgram

REPOSITORY = "oneclick-validator-program"
PROGRAM = "/program"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_ELF = b"\x7fELF\x02\x01"
_INTERPRETER = 3
"""Kind of the program header that names a dynamic loader (ELF-64, PT_INTERP)."""


async def program_image(engine: DockerEngine, program: Path) -> str:
    """The image whose entry point is `program`, made unless the engine has it; its name.

    The name holds the program's hash, so that another release is another image.

    Raises:
        NotAStaticProgram: it needs libraries, or is not for Linux.
        DockerTrouble: the engine did not take it.
    """
    return await engine.call(lambda client: _made(client, program))


def _made(client: DockerClient, program: Path) -> str:
    if not is_static(program):
        raise NotAStaticProgram(path=program)
    with program.open("rb") as file:
        tag = hashlib.file_digest(file, "sha256").hexdigest()[:32]
    name = f"{REPOSITORY}:{tag}"
    try:
        client.images.get(name)
    except ImageNotFound:
        with tempfile.TemporaryDirectory() as folder:
            layer = Path(folder) / "layer.tar"
            with tarfile.open(layer, "w") as archive:
                archive.add(program, PROGRAM, filter=_readable)
                archive.add(certifi.where(), CERTIFICATES, filter=_readable)
            entry = f"ENTRYPOINT {json.dumps([PROGRAM])}"
            client.api.import_image_from_file(
                str(layer), repository=REPOSITORY, tag=tag, changes=[entry]
            )
    return name


def _readable(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o755 if entry.name == PROGRAM.lstrip("/") else 0o644
    return entry


def is_static(program: Path) -> bool:
    """Whether it is a 64-bit program for Linux that names no dynamic loader.

    Format: ELF-64 object file format, header and program headers.
    """
    with program.open("rb") as file:
        head = file.read(64)
        if len(head) < 64 or not head.startswith(_ELF):
            return False
        offset = struct.unpack_from("<Q", head, 32)[0]
        size, count = struct.unpack_from("<HH", head, 54)
        file.seek(offset)
        table = file.read(size * count)
    kinds = [struct.unpack_from("<I", table, place)[0] for place in range(0, len(table), size)]
    return _INTERPRETER not in kinds


__all__ = ["CERTIFICATES", "PROGRAM", "is_static", "program_image"]
