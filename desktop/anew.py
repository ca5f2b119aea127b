# SPDX-License-Identifier: Apache-2.0
"""This program as the system knows it: started anew, and opened by links."""

from __future__ import annotations

import subprocess

import structlog

from node_manager.runtime.own_command import child_environment, own_command
from node_manager.runtime.platform.deep_link import DeepLinks

log = structlog.get_logger(__name__)


def start_anew() -> None:
    """Start this program again, detached, where the data folder is now."""
    subprocess.Popen(  # (nothing waits for it: this process ends)
        own_command(), env=child_environment(), start_new_session=True
    )


def register_links() -> None:
    """Let `oneclick-validator://` links open this program. Blocks for the disk."""
    try:
        DeepLinks(own_command()).register()
    except OSError as error:
        log.info("links not registered", reason=error.strerror or str(error))
