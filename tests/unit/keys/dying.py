# SPDX-License-Identifier: Apache-2.0
"""A process that the system kills in the middle of a write, as a power cut would end it."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable


def killed_writing(act: Callable[[], object], after: int) -> None:
    """Do `act` in a fork that dies when a file of it passes `after` bytes."""
    child = os.fork()
    if child == 0:
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (after, after))
            act()
        finally:
            os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGXFSZ
