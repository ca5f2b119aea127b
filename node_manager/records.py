# SPDX-License-Identifier: Apache-2.0
"""Records of what is remembered between two starts: JSON with a version, written durably."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from node_manager.durable import make_private_folder, write_durably
from node_manager.explanation import OneClickError


class Record(BaseModel):
    """What a file remembers, in the version of its shape."""

    version: int


Kept = TypeVar("Kept", bound=Record)


def read_record(
    file: Path, shape: type[Kept], newest: int, unreadable: type[OneClickError]
) -> Kept:
    """Read `file` as `shape`.

    Raises:
        unreadable: it is missing, damaged or of a version later than `newest`; its facts are
            the `folder` and the `reason`.
    """
    try:
        record = shape.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise unreadable(folder=file.parent, reason=str(error)) from error
    if record.version > newest:
        raise unreadable(
            folder=file.parent,
            reason=f"It is of version {record.version}; this app knows {newest}.",
        )
    return record


def write_record(file: Path, record: Record) -> None:
    """Write `file` durably, in a folder that is its owner's.

    Raises:
        OSError: the old record stands.
    """
    make_private_folder(file.parent)
    write_durably(file, record.model_dump_json(indent=2, by_alias=True))
