# SPDX-License-Identifier: Apache-2.0
"""Failures of this computer and of the program itself, in the words of CometBFT and Go."""

from __future__ import annotations

from node_manager.cosmos.known.kinds import Effect, known

DISK = (
    known(
        "disk-full",
        Effect.HALTS,
        r"no space left on device",
        "The disk is full and the node stands still.",
        "The chain's data grow with every block.",
        "Free space or move the data folder to a larger disk, then start again. Blocks are"
        " missed until then.",
    ),
    known(
        "database-damaged",
        Effect.ENDS,
        r"leveldb/storage: corrupted|corrupted or incomplete CURRENT file"
        r"|failed to initialize database: .*(?:corrupt|checksum|missing)",
        "The node did not start: its database is damaged.",
        "Usually the disk failed or power was lost while it wrote.",
        "Check the disk, then let the node fetch the chain's data anew. The key and its signing"
        " record are kept apart and stay as they are.",
    ),
    known(
        "database-locked",
        Effect.ENDS,
        r"failed to initialize database: .*(?:resource temporarily unavailable|lock)",
        "The node did not start: another process uses its data.",
        "A node already runs on this home.",
        "End that one, or use it.",
        retry=True,
    ),
    known(
        "too-many-files",
        Effect.HINDERS,
        r"too many open files",
        "The node cannot open more files.",
        "The limit of open files on this computer is too low for it.",
        "Raise the limit (ulimit -n) to 65535 and start again.",
    ),
    known(
        "out-of-memory",
        Effect.ENDS,
        r"cannot allocate memory|runtime: out of memory",
        "The node ended: this computer has too little memory for it.",
        "The system could not give it more.",
        "End other programs or add memory, then start again.",
        retry=True,
    ),
    known(
        "no-permission",
        Effect.ENDS,
        r"(?:open|mkdir|write) (?P<path>[^\s:]+): permission denied",
        "The node may not use {path}.",
        "The file belongs to another user or is write-protected.",
        "Give this user the file back, then start again.",
    ),
)

PROGRAM = (
    known(
        "min-gas-price-missing",
        Effect.ENDS,
        r"set min gas price in app\.toml",
        "The node did not start: no minimum gas price is set.",
        "minimum-gas-prices in app.toml is empty, or the configuration is gone.",
        "Start again: the app writes the configuration anew.",
        retry=True,
    ),
    known(
        "program-flag-unknown",
        Effect.ENDS,
        r"unknown (?:flag|command):? (?P<flag>.*)",
        "The node program does not know {flag}.",
        "It is another program or another version than this network needs.",
        "Install the network's release again.",
    ),
    known(
        "program-defective",
        Effect.ENDS,
        r"all modules must be defined",
        "This release of the node program cannot start.",
        "It was built with a part missing; it prints its version, and nothing else works.",
        "Install another release, and tell the network's publishers.",
    ),
    known(
        "program-panicked",
        Effect.ENDS,
        r"^(?:panic|fatal error): (?P<said>.*)",
        "The node ended in the middle of its work.",
        "It said: {said}",
        "The app starts it again. If it happens again, keep the last log lines for whoever helps.",
        retry=True,
    ),
)

REPAIRED = (
    known(
        "write-ahead-log-repaired",
        Effect.PASSES,
        r"the WAL file is corrupted; attempting repair"
        r"|Corrupted entry\. Skipping\.\.\.|error on catchup replay; proceeding to start state",
        "The node found a damaged or missing journal of its last block and went on without it.",
        "It was killed or power was lost while it wrote.",
        "Nothing: the signing record is kept apart, so nothing is signed twice.",
        level="error",
    ),
)
