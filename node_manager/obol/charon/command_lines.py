# SPDX-License-Identifier: Apache-2.0
"""charon's command lines: version, DKG, run."""

from __future__ import annotations

from pathlib import Path

from node_manager.obol.errors import ProgramMissing
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.settings import Charon, DvSettings
from node_manager.runtime.process import Launch
from node_manager.runtime.short_command import run_short

VERSION_SECONDS = 20.0


async def read_charon_version(program: Path) -> str:
    """What `charon version` prints first, such as "v1.10.3".

    Raises:
        ProgramMissing: it does not run, or prints nothing.
    """
    try:
        code, told = await run_short([str(program), "version"], VERSION_SECONDS)
    except OSError as error:
        raise ProgramMissing(program=program, reason=f"{error.strerror or error}.") from error
    except TimeoutError:
        raise ProgramMissing(program=program, reason="It does not tell its version.") from None
    words = told.split()
    if code != 0 or not words:
        raise ProgramMissing(program=program, reason="It does not tell its version.")
    return words[0]


def dkg_launch(program: Path, folder: ClusterFolder, settings: DvSettings) -> Launch:
    """`charon dkg` for the definition in the folder."""
    charon = settings.charon
    sidecar = charon.dkg_sidecar
    argv = [
        str(program),
        "dkg",
        f"--data-dir={folder.charon}",
        f"--definition-file={folder.definition}",
        f"--shutdown-delay={sidecar.shutdown_delay_seconds:g}s",
        *_common(charon),
    ]
    if charon.execution_client_rpc_endpoint:
        argv.append(f"--execution-client-rpc-endpoint={charon.execution_client_rpc_endpoint}")
    return Launch(name="charon dkg", argv=argv, cwd=folder.root, log=folder.logs / "dkg.log")


def run_launch(program: Path, folder: ClusterFolder, settings: DvSettings) -> Launch:
    """`charon run` for the lock in the folder.

    The key's lock is always taken: without it a second charon with this key would run too.
    """
    charon = settings.charon
    argv = [
        str(program),
        "run",
        f"--lock-file={folder.lock}",
        f"--private-key-file={folder.key}",
        "--private-key-file-lock",
        f"--validator-api-address={charon.validator_api_address}",
        f"--monitoring-address={charon.monitoring_address}",
        f"--builder-api={str(charon.builder_api).lower()}",
        f"--feature-set={charon.feature_set}",
        *_common(charon),
    ]
    if charon.nickname:
        argv.append(f"--nickname={charon.nickname}")
    if charon.beacon_node_endpoints:
        argv.append(f"--beacon-node-endpoints={','.join(charon.beacon_node_endpoints)}")
    if charon.fallback_beacon_node_endpoints:
        fallback = ",".join(charon.fallback_beacon_node_endpoints)
        argv.append(f"--fallback-beacon-node-endpoints={fallback}")
    if charon.execution_client_rpc_endpoint:
        argv.append(f"--execution-client-rpc-endpoint={charon.execution_client_rpc_endpoint}")
    argv.extend(_simnet(charon, folder))
    return Launch(name="charon", argv=argv, cwd=folder.root, log=folder.logs / "charon.log")


def _common(charon: Charon) -> list[str]:
    argv = [f"--p2p-tcp-address={charon.p2p_tcp_address}", "--log-format=json"]
    if charon.p2p_relays:
        argv.append(f"--p2p-relays={','.join(charon.p2p_relays)}")
    if charon.direct_connection_enabled:
        if charon.p2p_external_hostname:
            argv.append(f"--p2p-external-hostname={charon.p2p_external_hostname}")
        if charon.p2p_external_ip:
            argv.append(f"--p2p-external-ip={charon.p2p_external_ip}")
    return argv


def _simnet(charon: Charon, folder: ClusterFolder) -> list[str]:
    argv = []
    if charon.simnet_beacon_mock:
        slot = int(charon.simnet_slot_duration_seconds * 1000)
        argv += ["--simnet-beacon-mock", f"--simnet-slot-duration={slot}ms"]
        if charon.simnet_validator_mock:
            argv += [
                "--simnet-validator-mock",
                f"--simnet-validator-keys-dir={folder.keystores}",
            ]
    return argv


def port_of(address: str) -> int:
    """The port of a listening address."""
    return int(address.rpartition(":")[2])


def host_of(address: str) -> str:
    """The host of a listening address."""
    return address.rpartition(":")[0].strip("[]")
