# SPDX-License-Identifier: Apache-2.0
"""Texts of the engine that no window shows: each kind with the reason."""

from __future__ import annotations

CALLS = {
    "log.debug", "log.info", "log.warning", "log.error", "log.exception", "say",
    "re.compile", "TypeVar",
    "Route",                                        # the bridge's own description of itself
    "RuntimeError", "AssertionError", "TypeError", "NotImplementedError",
    "SystemExit", "warnings.warn",
}  # fmt: skip
"""Calls that speak to a log, a program or a reader of the code."""

ARGUMENTS = {
    "known": {2},                                   # a node program's words, by which it is known
    "_Known": {0},                                  # charon's words
    "spawn": {1}, "begin": {1},                     # the name of a task
    "Gauge": {1},                                   # Prometheus' help
    "replace": {0, 1}, "removeprefix": {0}, "split": {0}, "startswith": {0}, "partition": {0},
}  # fmt: skip
"""Places of a call's arguments that do so."""

KEYWORDS = {"name"}
"""Keywords that name a task or a thing."""

MODULES = {
    "bridge/server/legacy_models.py": "answers to a web portal, in the words of its contract",
    "bridge/server/metrics.py": "figures for Prometheus",
    "bridge/server/openapi_routes.py": "the bridge's description of itself",
    "bridge/server/guard.py": "heads of HTTP",
    "bridge/web/openapi.py": "the bridge's description of itself",
    "bridge/web/ready.py": "a head of HTTP",
    "node_manager/obol/charon/log.py": "how charon writes its log",
    "node_manager/obol/ceremony/dkg_progress.py": "charon's words, by which its progress is known",
    "node_manager/cosmos/log_lines.py": "how node programs write their logs",
    "node_manager/runtime/platform/autostart.py": "files of the system",
    "node_manager/runtime/platform/deep_link.py": "files of the system",
}
"""Modules in which only other programs are spoken to."""

UNSHOWN = {
    # a log's levels
    "DBG", "INF", "WRN",
    # files
    "One-Click Validator {version}\nmade: {now}\nsystem: {platform}\nmachine: {machine},"
    " {cpu_count} cores\npython: {split}{sys}\n",
    "not checked\n", "not readable: {error}\n",
    "ENTRYPOINT {program}",
    # other programs' words, by which a line or an error of theirs is known
    "beacon node down", "beacon node far behind", "beacon node has zero peers",
    "beacon node not synced", "quorum peers not connected", "ready check uninitialised",
    "vc not connected",
    "starting node with ABCI", "committed state", "SignerListener: Connected",
    "Permission denied", "not found", "Connection refused", "No such file",
    # what is sent to other programs
    "One-Click Validator", "One-Click Validator: alerts arrive here.", "Bearer {token}",
    "event: {name}\ndata: {data}\n\n", "Seconds since the source was read.",
    "never read", "the last reading is too old",
    "No validator is set up", "The key does not exist yet",
    "refused to sign", "signer stopped",
    "{text} … ({left_out} more bytes)",
    # what goes wrong between the parts of the app, and stands in its log alone
    "the system's random source gave too little", "this secret is wiped",
    "not the address of a channel", "not a child's process group: {pid}",
    "the record names no process", "a launch needs a program",
    "stdin of a launch holds at most {max_stdin} bytes", "at least one file is kept",
    "not a request", "the token is wrong", "no such request", "an ed25519 seed has 32 bytes",
    "not a node id: {node_id}", "not a bech32 prefix: {prefix}",
    "the connection ended within a message",
    "its ephemeral key does not have 32 bytes", "its proof is wrong", "its proof is cut",
    "it is node {pubkey}, not {expected_id}", "a frame was forged", "a frame claims too much",
    "its first message is too long", "the connection ended in the middle of a frame",
    # names of tasks
    "twin of {id}", "upgrade {id}", "meet the end of {id}", "observe {id}", "restart {id}",
}  # fmt: skip
"""Texts with several words that are no words for a person."""
