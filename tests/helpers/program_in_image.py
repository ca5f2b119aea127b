# SPDX-License-Identifier: Apache-2.0
"""An image of a program of this machine and the libraries that it links to: nothing is pulled."""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

import certifi
from docker import DockerClient

from node_manager.runtime.docker.program_image import CERTIFICATES, PROGRAM

_LIBRARY = re.compile(r"(/\S+)\s+\(0x")


def image_of(
    client: DockerClient, program: Path, name: str, place: Path, words: Sequence[str] = ()
) -> str:
    """Make the image `name:1`, which runs the program with `words`; return its reference."""
    told = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False)
    layer = place / f"{name}.tar"
    with tarfile.open(layer, "w") as archive:
        archive.add(program.resolve(), PROGRAM)
        archive.add(certifi.where(), CERTIFICATES)
        for library in sorted(set(_LIBRARY.findall(told.stdout))):
            archive.add(Path(library).resolve(), library)
    entry = f"ENTRYPOINT {json.dumps([PROGRAM, *words])}"
    client.api.import_image_from_file(str(layer), repository=name, tag="1", changes=[entry])
    layer.unlink()
    return f"{name}:1"
