# SPDX-License-Identifier: Apache-2.0
"""The record of a running process, by which the next run of the app finds it again."""

from __future__ import annotations

from pathlib import Path

import pydantic
import structlog
from pydantic import BaseModel, ConfigDict, Field

from node_manager.durable import write_durably
from node_manager.runtime.errors import RecordNotReadable

log = structlog.get_logger(__name__)

LAUNCH_VARIABLE = "ONECLICK_LAUNCH"
"""Environment variable that holds the launch id in the child."""


class ProcessRecord(BaseModel):
    """What is known of a child.

    Written once before the process exists (`pid` is None) and once after, so that also an app
    that dies between the two leaves a trace: the launch id is in the child's environment.

    Attributes:
        launch_id: random name of this launch, the value of `ONECLICK_LAUNCH` in the child.
        identity: birth of the process in the system's words (`Host.identity`).
        create_time: Unix time of its birth, for people.
        executable: the file it runs, as the system names it.
        argv: its command line; secrets go over stdin and are never in it.
        started_at: Unix time at which the app started it.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    launch_id: str = Field(min_length=16)
    pid: int | None = Field(default=None, gt=1)
    identity: str = ""
    create_time: float = 0.0
    executable: str
    argv: list[str]
    started_at: float

    def write(self, path: Path) -> None:
        """Replace the record at `path` durably.

        Raises:
            OSError: nothing was changed.
        """
        write_durably(path, self.model_dump_json(indent=1) + "\n")


def read_record(path: Path) -> ProcessRecord | None:
    """The record at `path`; None when there is none or it is not one.

    Raises:
        RecordNotReadable: there may be a record and a process, and nobody can tell.
    """
    try:
        return ProcessRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordNotReadable(path=path, error=error.strerror or error) from error
    except pydantic.ValidationError as error:
        log.warning("not a process record", path=str(path), errors=error.error_count())
        return None
