# SPDX-License-Identifier: Apache-2.0
"""Log files as a node writes them, for tests of the Logs page and for its pictures."""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from desktop.window import MainWindow
from node_manager.layout import Layout

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "posd" / "logs"
NODE_ID = "omniphi-testnet-2"


def record(level: str, at: float, message: str, module: str, **fields: Any) -> str:
    """One line as zerolog's JSON writer has it."""
    stamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return json.dumps(
        {"level": level, "module": module, **fields, "time": stamp, "message": message},
        separators=(",", ":"),
    )


def block_lines(count: int, now: float | None = None, *, errors: bool = True) -> list[str]:
    """The lines of `count` blocks, newest last, with a warning or an error now and then."""
    now = time.time() if now is None else now
    dice, lines = random.Random(4), []
    for block in range(count):
        at, height = now - (count - block) * 2.03, 4_182_907 - count + block
        lines += [
            record("info", at, "received proposal", "consensus", height=height, round=0),
            record(
                "info", at + 0.04, "finalizing commit of block", "consensus",
                height=height, num_txs=dice.randrange(6),
            ),
            record(
                "info", at + 0.06, "committed state", "state",
                height=height, app_hash=f"{dice.randrange(16**6):06X}…",
            ),
        ]  # fmt: skip
        if block % 11 == 4:
            peer = f"3b7d…@138.201.9.{block % 200}:26656"
            lines.append(record("info", at + 0.5, "added peer", "p2p", peer=peer, outbound=True))
        if errors and dice.random() < 0.09:
            told = {"addr": "9f1c…@65.108.44.12:26656", "err": "i/o timeout"}
            lines.append(record("warn", at + 0.7, "dialing peer failed", "p2p", **told))
        if errors and (dice.random() < 0.01 or block == count - 4):
            told = {"peer": "c41a…@5.9.122.30:26656", "err": "read: connection reset"}
            lines.append(record("error", at + 0.9, "stopping peer for error", "p2p", **told))
    return lines


def write_logs(layout: Layout, count: int = 900) -> Path:
    """A node's log in its place; the file."""
    file = layout.node(NODE_ID).logs / "node.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(block_lines(count)) + "\n", encoding="utf-8")
    return file


def write_charon_log(layout: Layout) -> Path:
    """What a real charon wrote, in its place; the file."""
    file = layout.data / "clusters" / "obol-cluster" / "logs" / "charon.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    recorded = FIXTURES.parents[1] / "charon" / "run" / "ok-node0.stderr.jsonl"
    file.write_bytes(recorded.read_bytes())
    return file


def real_lines() -> list[bytes]:
    """What a real node wrote, in each of its formats, line breaks included."""
    files = sorted(FIXTURES.glob("node_*"))
    return [line for file in files for line in file.read_bytes().splitlines(keepends=True)]


def search_for_peer(window: MainWindow) -> None:
    """Type a search into the Logs page."""
    from tests.helpers.wizard import settle_for

    page: Any = window.page("logs")
    settle_for(0.4)
    page.search.setText("peer")
    settle_for(0.5)
    page.search.stepped.emit(-1)
    page.search.stepped.emit(-1)
    settle_for(0.2)
    page.search.setFocus()


def pause(window: MainWindow) -> None:
    """Scroll up, then let lines come."""
    from tests.helpers.wizard import settle_for

    page: Any = window.page("logs")
    settle_for(0.4)
    page.view.go_to(400)
    with (window.context.layout.node(NODE_ID).logs / "node.log").open("a") as file:
        file.write("\n".join(block_lines(60)) + "\n")
    settle_for(0.5)
