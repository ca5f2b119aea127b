# SPDX-License-Identifier: Apache-2.0
"""A stand-in for charon made of its recordings. It is NOT charon, and its first line says so.

It replays the recorded lines with today's times, keeps the key's lock as charon does, puts
prepared artefacts in place at the end of a ceremony, and answers on the monitoring port. What it
does is read from `plan.json` beside it:

    {"dkg": ["midceremony-peer-lost-node2", "ok-node0"], "run": ["ok-node0"],
     "artefacts": "FOLDER", "speed": 10, "readyz": ["ready check uninitialised", "ok"]}

One name an attempt, the last one again and again; `made` counts the attempts of each command.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import stat
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "charon"
KEY = "charon-enr-private-key"
STUCK = {"midceremony-survivor-stuck-node0", "wait-sigterm-node0"}
"""Recordings that end only because somebody ended them."""


def install(folder: Path, plan: dict[str, Any]) -> Path:
    """Put the stand-in into `folder` as an executable `charon`; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.json").write_text(json.dumps(plan))
    program = folder / "charon"
    program.write_text(f"#!{sys.executable}\n{Path(__file__).read_text('utf-8')}")
    program.write_text(
        program.read_text().replace(
            "FIXTURES = Path(__file__).resolve().parents[1] / ",
            f"FIXTURES = Path({str(FIXTURES.parent.parent)!r}) / ",
        )
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


class StandIn:
    """One run of the program."""

    def __init__(self, flags: dict[str, str], plan: dict[str, Any], folder: Path) -> None:
        self.flags = flags
        self.plan = plan
        self.folder = folder
        self.ended = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: self.ended.set())

    def attempt(self, command: str) -> str:
        """The recording of this attempt."""
        counter = self.folder / f"made-{command}"
        made = int(counter.read_text()) if counter.exists() else 0
        counter.write_text(str(made + 1))
        names: list[str] = self.plan.get(command) or ["ok-node0"]
        return names[min(made, len(names) - 1)]

    def say(self, text: str) -> None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def announce(self) -> None:
        self.say(json.dumps({"level": "info", "ts": now(), "msg": "Stand-in, not charon"}))

    def replay(self, path: Path, *, until: str = "") -> None:
        """The recorded lines at their pace (`speed` times faster), with today's times."""
        speed = float(self.plan.get("speed", 10))
        before: float | None = None
        for line in path.read_text("utf-8").splitlines():
            if self.ended.is_set() or (until and until in line):
                return
            if line.startswith("{"):
                raw = json.loads(line)
                at = datetime.fromisoformat(raw["ts"][:26].rstrip("Z") + "+00:00").timestamp()
                if before is not None:
                    self.ended.wait(min(max(at - before, 0), 3) / speed)
                before = at
                raw["ts"] = now()
                if "definition_hash" in raw and "definition-file" in self.flags:
                    read = json.loads(Path(self.flags["definition-file"]).read_text())
                    raw["definition_hash"] = read["definition_hash"]
                line = json.dumps(raw)
            self.say(line)

    def fail(self, path: Path) -> int:
        self.replay(path)
        return 1

    def keep_lock(self, key: Path, command: str) -> bool:
        """Take the key as charon does; False when somebody else has it."""
        lock = key.with_name(f"{key.name}.lock")
        try:
            told = json.loads(lock.read_text())["timestamp"]
            age = time.time() - datetime.fromisoformat(told[:26] + "+00:00").timestamp()
            if age < 5:
                return False
        except (OSError, ValueError, KeyError):
            pass

        def refresh() -> None:
            while not self.ended.is_set():
                lock.write_text(json.dumps({"command": command, "timestamp": now()}))
                self.ended.wait(1)

        threading.Thread(target=refresh, daemon=True).start()
        return True

    def dkg(self) -> int:
        data = Path(self.flags["data-dir"])
        name = self.attempt("dkg")
        self.announce()
        recorded = FIXTURES / "dkg"
        key = data / KEY
        if not key.exists():
            return self.fail(recorded / "fail-no-key.stderr.jsonl")
        if not self.keep_lock(key, "charon dkg"):
            return self.fail(recorded / "fail-key-lock-recent.stderr.jsonl")
        dirty = [data / "validator_keys", data / "cluster-lock.json", *data.glob("deposit-data*")]
        if any(path.exists() for path in dirty):
            return self.fail(recorded / "fail-dirty-data-dir.stderr.jsonl")
        path = recorded / f"{name}.stderr.jsonl"
        if "raw" in self.plan and name in self.plan["raw"]:
            for line in self.plan["raw"][name]:
                self.say(line)
            if self.plan.get("raw_stays"):
                self.ended.wait()
            return 1
        if name in STUCK:
            self.replay(path, until="context canceled")
            self.ended.wait()
            self.say(path.read_text("utf-8").splitlines()[-1])
            return 1
        self.replay(path)
        if "ok" not in name:
            return 1
        if self.ended.is_set():
            return 1
        self.put_artefacts(Path(self.plan["artefacts"]), data)
        self.ended.wait(float(self.flags.get("shutdown-delay", "1s").rstrip("s")))
        return 0

    def put_artefacts(self, source: Path, target: Path) -> None:
        shutil.copytree(source / "validator_keys", target / "validator_keys")
        for path in source.glob("deposit-data*"):
            shutil.copy(path, target / path.name)
        shutil.copy(source / "cluster-lock.json", target / "cluster-lock.json.new")
        os.utime(target / "cluster-lock.json.new")
        (target / "cluster-lock.json.new").rename(target / "cluster-lock.json")

    def run(self) -> int:
        name = self.attempt("run")
        self.announce()
        recorded = FIXTURES / "run"
        key = Path(self.flags.get("private-key-file", f".charon/{KEY}"))
        if not Path(self.flags["lock-file"]).exists():
            return self.fail(recorded / "fail-missing-lock.stderr.jsonl")
        if "private-key-file-lock" in self.flags and not self.keep_lock(key, "charon run"):
            return self.fail(recorded / "fail-twice-same-key.stderr.jsonl")
        path = recorded / f"{name}.stderr.jsonl"
        if "raw" in self.plan and name in self.plan["raw"]:
            for line in self.plan["raw"][name]:
                self.say(line)
            if not self.plan.get("raw_stays"):
                return 1
        elif name.startswith("fail"):
            return self.fail(path)
        else:
            threading.Thread(target=self.replay, args=(path,), daemon=True).start()
        server = self.monitor()
        self.ended.wait()
        server.shutdown()
        return 0

    def monitor(self) -> ThreadingHTTPServer:
        """`/livez`, `/readyz` (the plan's bodies, half a second each) and `/metrics`."""
        began = time.monotonic()
        bodies: list[str] = self.plan.get("readyz") or ["ready check uninitialised", "ok"]
        metrics = FIXTURES / "metrics" / f"{self.plan.get('metrics', 'four-of-four-node0')}.txt"

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = "ok"
                if self.path == "/metrics":
                    body = metrics.read_text("utf-8")
                elif self.path == "/readyz":
                    body = bodies[min(int((time.monotonic() - began) / 0.5), len(bodies) - 1)]
                good = self.path != "/readyz" or body == "ok"
                self.send_response(200 if good else 500)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                return None

        host, _, port = self.flags["monitoring-address"].rpartition(":")
        server = ThreadingHTTPServer((host, int(port)), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    chosen = parser.parse_args()
    folder = Path(__file__).resolve().parent
    flags = {}
    for word in chosen.rest:
        name, _, value = word.removeprefix("--").partition("=")
        flags[name] = value
    plan = json.loads((folder / "plan.json").read_text())
    if chosen.command == "version":
        print(plan.get("version") or (FIXTURES / "enr" / "version.stdout.txt").read_text())
        return 0
    with (folder / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps({"command": chosen.command, "at": time.time(), "flags": flags}))
        calls.write("\n")
    stand_in = StandIn(flags, plan, folder)
    if chosen.command == "dkg":
        return stand_in.dkg()
    if chosen.command == "run":
        return stand_in.run()
    stand_in.announce()  # as a validator client it only lives
    stand_in.ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
