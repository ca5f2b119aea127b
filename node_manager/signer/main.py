# SPDX-License-Identifier: Apache-2.0
"""The signer's process from its first line to its exit code.

Order matters: closed to debuggers before the key is read, locked before the record is opened,
dialing before anybody starts the node.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from types import FrameType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node_manager.keys.hardening import harden_process
from node_manager.keys.secret import SecretBytes
from node_manager.keys.signing_state import STEP_PRECOMMIT
from node_manager.signer.connection import Dialer
from node_manager.signer.control_server import ControlServer
from node_manager.signer.errors import (
    EXIT_STOPPED,
    JournalMissing,
    JournalOld,
    JournalTorn,
    PlanRefused,
    SignerError,
    WrongKey,
)
from node_manager.signer.guard import Guard
from node_manager.signer.journal import Journal
from node_manager.signer.locks import Locks, lock_paths
from node_manager.signer.plan import MAX_ORDER, SEED, SignerPlan
from node_manager.signer.service import Service
from node_manager.signer.signlog import say, say_stopped


def main() -> int:
    """Run a signer with the order on stdin; returns the exit code (`errors.explain_exit`)."""
    hardened = harden_process()
    try:
        plan, key = _read_order()
        say(
            "info",
            "signer started",
            chain_id=plan.chain_id,
            pubkey=plan.pubkey.hex(),
            no_core_dumps=hardened.no_core_dumps,
            no_debuggers=hardened.no_debuggers,
        )
        _sign(plan, key)
    except SignerError as error:
        say_stopped(error.exit_code, error.facts)
        return error.exit_code
    except OSError as error:
        say_stopped(SignerError.exit_code, {"why": error})
        return SignerError.exit_code
    say_stopped(EXIT_STOPPED, {})
    return EXIT_STOPPED


def _read_order() -> tuple[SignerPlan, Ed25519PrivateKey]:
    """Plan and key from stdin, into memory that is locked where possible and wiped after.

    `cryptography` keeps a copy of the key inside OpenSSL for as long as it signs; that one is
    freed (and cleansed by OpenSSL) with the key object, at the end of the process at the latest.
    """
    with SecretBytes.blank(MAX_ORDER) as order, order.view() as view:
        length = 0
        with io.FileIO(0, closefd=False) as stdin:
            while length < MAX_ORDER and (got := stdin.readinto(view[length:])):
                length += got
        os.close(0)
        os.open(os.devnull, os.O_RDONLY)  # so that no file of ours becomes number 0
        seed_at = length - SEED
        if seed_at <= 0 or length == MAX_ORDER or view[seed_at - 1] != ord("\n"):
            raise PlanRefused(why="A plan and a key of 32 bytes were expected on stdin.")
        plan = SignerPlan.from_line(bytes(view[:seed_at]))
        key = Ed25519PrivateKey.from_private_bytes(view[seed_at:length])
    if key.public_key().public_bytes_raw() != plan.pubkey:
        raise WrongKey(expected=plan.pubkey.hex())
    return plan, key


def _sign(plan: SignerPlan, key: Ed25519PrivateKey) -> None:
    dialer = Dialer(plan.node_address, plan.node_id)
    with (
        Locks(*lock_paths(plan.folder, plan.lock_folder, plan.pubkey)),
        _open_record(plan) as journal,
    ):
        service = Service(Guard(key, journal), dialer)
        control = ControlServer(plan.control, service, _die)
        try:
            for number in ("SIGTERM", "SIGINT", "SIGBREAK"):
                if hasattr(signal, number):
                    signal.signal(getattr(signal, number), _leave)
            control.start()
            # No garbage in cycles is made per request; a collection would only delay a vote.
            gc.collect()
            gc.freeze()
            gc.disable()
            service.run()
        except SystemExit:
            service.stop()
        finally:
            control.close()


def _open_record(plan: SignerPlan) -> Journal:
    """The record, repaired if the plan says so and only then."""
    try:
        journal = Journal.open(plan.folder, plan.chain_id, plan.pubkey)
        try:
            _refuse_old(journal, plan)
        except BaseException:
            journal.close()
            raise
        return journal
    except (JournalMissing, JournalTorn, JournalOld):
        if plan.repair_above is None:
            raise
        above = max(plan.repair_above, plan.seen_height or 0)
        say("warning", "record repaired", above=above)
        return Journal.repair(plan.folder, plan.chain_id, plan.pubkey, above)


def _refuse_old(journal: Journal, plan: SignerPlan) -> None:
    """A record is older than the chain when a precommit on the chain is above it."""
    state = journal.state()
    if plan.seen_height is None:
        return
    if state.position < (plan.seen_height, plan.seen_round, STEP_PRECOMMIT):
        raise JournalOld(height=state.height, seen=plan.seen_height)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(EXIT_STOPPED)


def _die(error: SignerError) -> None:
    """End from another thread, at once: what is recorded is recorded."""
    say_stopped(error.exit_code, error.facts)
    os._exit(error.exit_code)
