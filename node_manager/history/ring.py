# SPDX-License-Identifier: Apache-2.0
"""A file of a fixed number of rows; the newest takes the place of the oldest.

Format, little-endian: a header (magic, version, seconds a row, rows, columns), then rows of
period number (int64), count of readings (uint32), CRC-32 of the rest of the row (uint32), and
one float64 a column (NaN: not known). The row of period P lies at place P modulo rows.
"""

from __future__ import annotations

import math
import os
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from node_manager.durable import make_private_folder, write_durably

MAGIC = b"OCVHIST\x00"
VERSION = 1
_HEADER = struct.Struct("<8sIIII")
_PREFIX = struct.Struct("<qII")


@dataclass(frozen=True, slots=True)
class Row:
    """One period: its number (Unix time over the seconds of a row), readings, values."""

    period: int
    count: int
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class RingShape:
    """How fine and how long: `rows` periods of `seconds` each."""

    seconds: int
    rows: int


class RingFile:
    """Rows on disk. Every call blocks for the disk."""

    def __init__(self, path: Path, shape: RingShape, columns: int) -> None:
        self._path, self._shape, self._columns = path, shape, columns
        self._row = struct.Struct(f"<{columns}d")
        self._row_bytes = _PREFIX.size + self._row.size

    @property
    def size(self) -> int:
        """The size of the file, which never changes."""
        return _HEADER.size + self._shape.rows * self._row_bytes

    def write(self, rows: Iterable[Row]) -> None:
        """Put rows in their places; a file of another shape, or none, is made anew.

        Raises:
            OSError: not all of them were written.
        """
        if not self._fits():
            make_private_folder(self._path.parent)
            empty = self._packed(Row(-1, 0, (None,) * self._columns))
            write_durably(self._path, self._header() + empty * self._shape.rows)
        with self._path.open("r+b") as file:
            for row in rows:
                file.seek(_HEADER.size + row.period % self._shape.rows * self._row_bytes)
                file.write(self._packed(row))
            file.flush()
            os.fsync(file.fileno())

    def read(self, now: float) -> list[Row]:
        """The rows of the periods up to `now`, oldest first; damaged ones are left out.

        Raises:
            OSError: the file is there and cannot be read.
        """
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        if len(content) != self.size or content[: _HEADER.size] != self._header():
            return []
        last = int(now // self._shape.seconds)
        found = (
            self._unpacked(content, _HEADER.size + place * self._row_bytes)
            for place in range(self._shape.rows)
        )
        kept = [row for row in found if row and last - self._shape.rows < row.period <= last]
        return sorted(kept, key=lambda row: row.period)

    def _fits(self) -> bool:
        try:
            with self._path.open("rb") as file:
                return (
                    file.read(_HEADER.size) == self._header()
                    and self._path.stat().st_size == self.size
                )
        except OSError:
            return False

    def _header(self) -> bytes:
        shape = self._shape
        return _HEADER.pack(MAGIC, VERSION, shape.seconds, shape.rows, self._columns)

    def _packed(self, row: Row) -> bytes:
        values = self._row.pack(*(math.nan if one is None else one for one in row.values))
        return _PREFIX.pack(row.period, row.count, _crc(row.period, row.count, values)) + values

    def _unpacked(self, content: bytes, at: int) -> Row | None:
        period, count, crc = _PREFIX.unpack_from(content, at)
        values = content[at + _PREFIX.size : at + self._row_bytes]
        if period < 0 or crc != _crc(period, count, values):
            return None
        return Row(period, count, _known(self._row.unpack(values)))


def _crc(period: int, count: int, values: bytes) -> int:
    return zlib.crc32(struct.pack("<qI", period, count) + values)


def _known(values: Sequence[float]) -> tuple[float | None, ...]:
    return tuple(None if math.isnan(one) else one for one in values)
