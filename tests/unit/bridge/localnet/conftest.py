# SPDX-License-Identifier: Apache-2.0
"""A local network on paper, and a Go tool that only pretends to compile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.localnet.build import Build, Release
from bridge.localnet.ports import ValidatorPorts
from bridge.localnet.record import LocalnetFolder, LocalnetInfo, NetworkRecord, Validator
from bridge.localnet.toolchain import Toolchain
from node_manager.layout import Layout

FAKE_GO = """#!/bin/sh
echo "$*" >> "{folder}/calls"
case "$1" in
  env) echo '{{"GOVERSION": "{version}", "GOOS": "linux", "GOARCH": "amd64"}}' ;;
  build)
    {trouble}
    sleep {seconds}
    while [ "$1" != "-o" ]; do last=$1; shift; done
    echo "program" > "$2"
    chmod 755 "$2" ;;
esac
"""


@pytest.fixture(autouse=True)
def no_shared_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONECLICK_LOCALNET", raising=False)


@pytest.fixture
def info(layout: Layout) -> LocalnetInfo:
    """A network of two validators that nobody started."""
    folder = layout.cache / "localnet-builds" / "0123456789abcdef"
    releases = tuple(
        Release(
            name=name,
            version=version,
            target="linux/amd64",
            binary=folder / name / "posd",
            archive=folder / name / "posd_linux_amd64.tar.gz",
            sha256=digit * 64,
        )
        for name, version, digit in (("v1", "v1.0.0", "a"), ("v2", "v2.0.0", "b"))
    )
    record = NetworkRecord(
        created_at=1_795_000_000.0,
        build=folder.name,
        genesis_sha256="c" * 64,
        faucet="omni1mh9nfkc6pzpev0fqy8xw3avajs9ga3zsm5az9j",
        server_port=15080,
        validators=(
            Validator(name="validator-0", node_id="d" * 40, address="", ports=ValidatorPorts()),
            Validator(
                name="validator-1",
                node_id="e" * 40,
                address="",
                ports=ValidatorPorts(p2p=26766, rpc=26767, rest=1427, grpc=9200),
            ),
        ),
    )
    return LocalnetInfo(layout, LocalnetFolder.of(layout), record, Build(folder, releases))


@pytest.fixture
def fake_go(tmp_path: Path) -> Callable[..., Toolchain]:
    """Makes a `go` that writes down its calls and "builds" a text file."""

    def make(version: str = "go1.26.6", trouble: str = "", seconds: float = 0) -> Toolchain:
        folder = tmp_path / "go"
        folder.mkdir(exist_ok=True)
        go = folder / "go"
        go.write_text(
            FAKE_GO.format(folder=folder, version=version, trouble=trouble, seconds=seconds)
        )
        go.chmod(0o755)
        return Toolchain(go, version, "linux/amd64")

    return make
