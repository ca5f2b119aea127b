# SPDX-License-Identifier: Apache-2.0
"""A stand-in for validator clients: signs a slot every few milliseconds, into a record of its own.

It is NOT a validator client. Beside the program lies `journal.jsonl`: each start, end, export and
import of any kind. Its record is locked while it runs, as those of the real ones are.

    lighthouse validator_client --datadir=D …            runs until SIGTERM
    lighthouse account validator slashing-protection export FILE --datadir=D …
    teku validator-client --data-path=D …
    teku slashing-protection import --data-path=D --from=FILE
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import stat
import sys
import threading
import time
from pathlib import Path
from typing import Any


def install(folder: Path, kind: str) -> Path:
    """Put the stand-in for a client into `folder`; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / kind
    program.write_text(f"#!{sys.executable}\n{Path(__file__).read_text('utf-8')}")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def journal(folder: Path) -> list[dict[str, Any]]:
    """What the stand-ins of a folder did, in order."""
    file = folder / "journal.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def note(what: str, **facts: object) -> None:
    program = Path(sys.argv[0])
    line = {"kind": program.name, "what": what, "at": time.time(), "pid": os.getpid(), **facts}
    with (program.parent / "journal.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")


def option(*names: str) -> str:
    return next(
        word.partition("=")[2] for word in sys.argv for name in names if word.startswith(f"{name}=")
    )


def open_record(data: Path) -> Any:
    """The record, locked: whoever runs has it alone."""
    file = (data / "slots.json").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit("the slashing protection database is locked")
    file.seek(0)
    return file


def slots_of(file: Any) -> list[int]:
    return json.loads(file.read() or "[]")


def write_slots(file: Any, slots: list[int]) -> None:
    file.seek(0)
    file.truncate()
    file.write(json.dumps(slots))
    file.flush()


def main() -> None:
    data = Path(option("--datadir", "--data-path"))
    if "slashing-protection" not in sys.argv:
        run(data)
        return
    record = open_record(data)
    act = "export" if "export" in sys.argv else "import"
    given = [word for word in sys.argv if word.startswith(("--to=", "--from="))]
    file = Path(given[0].partition("=")[2] if given else sys.argv[sys.argv.index(act) + 1])
    if (Path(sys.argv[0]).parent / f"{act}-fails").exists():
        sys.exit("database disk image is malformed")
    if act == "export":
        slots = slots_of(record)
        signed = [{"slot": str(slot)} for slot in slots]
        content = {
            "metadata": {"interchange_format_version": "5", "genesis_validators_root": "0x00"},
            "data": [{"pubkey": "0x01", "signed_blocks": signed, "signed_attestations": []}],
        }
        file.write_text(json.dumps(content))
    else:
        [one] = json.loads(file.read_text())["data"]
        slots = sorted({*slots_of(record), *(int(block["slot"]) for block in one["signed_blocks"])})
        write_slots(record, slots)
    note(act, slots=len(slots))


def run(data: Path) -> None:
    record, ended = open_record(data), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    slots = slots_of(record)
    note("start", knows=slots)
    while not ended.wait(0.02):
        slots.append(max(slots, default=0) + 1)
        write_slots(record, slots)
    note("end", signed=slots)


if __name__ == "__main__":
    main()
