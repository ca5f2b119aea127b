# SPDX-License-Identifier: Apache-2.0
"""A real Docker engine (Debian's docker.io), started for the tests in folders of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docker import DockerClient
from docker.errors import DockerException

CHECKOUT = Path(__file__).resolve().parents[2]
START_SECONDS = 40
POOL = "base=10.213.0.0/16,size=24"
"""Addresses of its networks: apart from those that an engine of this machine may use."""


class NoDocker(Exception):
    """This machine cannot run one; the text says why."""


class TestEngine:
    """An engine that a test may stop, kill and start again; its containers and volumes stay."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "docker.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"unix://{self.socket}"

    def client(self) -> DockerClient:
        return DockerClient(base_url=self.address, timeout=60)

    def start(self) -> None:
        command = [
            "dockerd", "--data-root", str(self.folder / "data"),
            "--exec-root", str(self.folder / "exec"),
            "--pidfile", str(self.folder / "pid"), "-H", self.address,
            "--bridge", "none", "--default-address-pool", POOL,
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise NoDocker(f"dockerd does not come up: {self._last_words()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it in order; containers end with it."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(number)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.socket.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove every container, volume and network of ours."""
        client = self.client()
        for container in client.containers.list(all=True):
            container.remove(force=True, v=True)
        for volume in client.volumes.list():
            volume.remove(force=True)
        client.networks.prune()
        client.close()

    def _answers(self) -> bool:
        try:
            client = self.client()
            client.ping()
            client.close()
        except (DockerException, OSError):
            return False
        return True

    def _last_words(self) -> str:
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        return " | ".join(lines[-3:])


@contextmanager
def running_engine() -> Iterator[TestEngine]:
    """Start an engine.

    Raises:
        NoDocker: it cannot be started here.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        raise NoDocker("an engine is started by these tests on Linux and as root only")
    for program in ("dockerd", "iptables"):
        if shutil.which(program) is None:
            raise NoDocker(f"{program} is not installed (Debian packages docker.io, iptables)")
    with tempfile.TemporaryDirectory(prefix="oneclick-docker-", ignore_cleanup_errors=True) as name:
        engine = TestEngine(Path(name))
        engine.start()
        try:
            yield engine
        finally:
            if engine._process is None:
                engine.start()
            engine.clear()
            engine.stop()


def build_image(name: str, engine: TestEngine) -> str:
    """Build one of our images on the engine; return its name."""
    command = [sys.executable, "packaging/docker/image.py", name, "--host", engine.address]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stderr}")
    return done.stdout.strip()
