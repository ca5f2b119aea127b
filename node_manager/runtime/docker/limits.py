# SPDX-License-Identifier: Apache-2.0
"""What a container of ours may take and may do: little."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MB = 1024 * 1024
LOG_FILES, LOG_SIZE = "3", "10m"


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds of one container.

    Attributes:
        cpus: cores, a fraction is a share of one.
        memory: bytes; swap is not given in addition.
        pids: processes and threads together. A node and its signer need about 60.
        temporary: bytes of the `/tmp` in memory.
    """

    cpus: float = 2.0
    memory: int = 4096 * MB
    pids: int = 512
    temporary: int = 64 * MB

    def arguments(self) -> dict[str, Any]:
        """As the SDK's `containers.create` wants them."""
        return {
            "nano_cpus": int(self.cpus * 1e9),
            "mem_limit": self.memory,
            "memswap_limit": self.memory,
            "pids_limit": self.pids,
            "tmpfs": {"/tmp": f"rw,noexec,nosuid,nodev,size={self.temporary}"},  # noqa: S108
        }


def hardening() -> dict[str, Any]:
    """No privileges to gain, none to begin with, nothing to write but volumes and `/tmp`."""
    return {
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "privileged": False,
        # collects processes whose parent has ended
        "init": True,
        "log_config": {
            "Type": "json-file",
            "Config": {"max-file": LOG_FILES, "max-size": LOG_SIZE},
        },
    }
