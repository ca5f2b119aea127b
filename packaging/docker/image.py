#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build an image of ours on a Docker engine; what was built before is not built again."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import environment  # noqa: E402
import rootfs  # noqa: E402

BASE = "oneclick-validator-base"
IMAGES = {"node": "oneclick-validator-node", "orchestrator": "oneclick-validator-orchestrator"}
KEPT_DAYS = 14
VOLUMES = {"node": ("data", "unlock"), "orchestrator": ("data",)}


def main() -> int:
    """Build the images that were asked for and print their names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images", nargs="*", choices=[*IMAGES, []], help="all without it")
    parser.add_argument("--host", default="", help="the engine's address, such as unix:///path")
    chosen = parser.parse_args()
    for name in chosen.images or IMAGES:
        print(build(name, chosen.host), flush=True)
    return 0


def build(name: str, host: str = "") -> str:
    """Build the image `name`, unless the engine has it; return its name with its tag.

    The tag is a hash of everything in it. `latest` names the newest, too.

    Raises:
        subprocess.CalledProcessError: the engine refused; its output says why.
    """
    docker = ["docker", *(["-H", host] if host else [])]
    with tempfile.TemporaryDirectory() as place:
        context = Path(place)
        rootfs.make_app(context / "app")
        recipe = HERE / f"{name}.Dockerfile"
        (context / "app" / "recipe.txt").write_bytes(recipe.read_bytes())
        key = rootfs.base_key()
        tag = f"{IMAGES[name]}:{key}-{rootfs.app_key(context / 'app')}"
        if _has(docker, tag):
            return tag
        for volume in VOLUMES[name]:
            (context / "volumes" / volume).mkdir(parents=True, mode=0o700)
        command = [*docker, "build", "--quiet", "--file", str(recipe)]
        command += ["--build-arg", f"BASE={_base(docker, key)}"]
        command += ["--tag", tag, "--tag", f"{IMAGES[name]}:latest", str(context)]
        # The classic builder is part of every engine; BuildKit's frontend may need a download.
        quiet = {**os.environ, "DOCKER_BUILDKIT": "0"}
        subprocess.run(command, check=True, env=quiet, stdout=subprocess.PIPE)
    return tag


def _base(docker: list[str], key: str) -> str:
    """The image that both stand on: one layer, which the engine takes in whole."""
    tag = f"{BASE}:{key}"
    if not _has(docker, tag):
        command = [*docker, "import", str(_base_archive(key)), tag]
        subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return tag


def _base_archive(key: str) -> Path:
    """The base file system as a tar file, from the cache or made now."""
    cache = environment.cache() / "images"
    archive = cache / f"{key}.tar"
    cache.mkdir(parents=True, exist_ok=True)
    with environment.one_at_a_time(archive):
        if not archive.exists():
            fresh = archive.with_suffix(".new")
            with tempfile.TemporaryDirectory(dir=cache) as place:
                rootfs.make_base(Path(place) / "base")
                rootfs.pack(Path(place) / "base", fresh)
            fresh.rename(archive)
            _forget_old(cache)
    archive.touch()
    return archive


def _forget_old(cache: Path) -> None:
    """Remove base file systems that nobody has used for a while."""
    for kept in cache.iterdir():
        if time.time() - kept.stat().st_mtime > KEPT_DAYS * 86_400:
            if kept.is_dir():
                shutil.rmtree(kept, ignore_errors=True)
            else:
                kept.unlink(missing_ok=True)


def _has(docker: list[str], tag: str) -> bool:
    asked = subprocess.run([*docker, "image", "inspect", tag], check=False, capture_output=True)
    return asked.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
