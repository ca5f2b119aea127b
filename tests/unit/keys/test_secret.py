# SPDX-License-Identifier: Apache-2.0
"""A secret stays out of everything that prints, copies or outlives it."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import sys
import traceback

import pytest

from node_manager.keys.secret import SecretBytes
from tests.unit.keys.material import SEED


def test_nothing_that_prints_it_shows_it() -> None:
    secret = SecretBytes(b"hunter2-hunter2")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>40}", repr([secret])]
    assert not [text for text in shown if "hunter2" in text or b"hunter2".hex() in text]


def test_it_is_neither_pickled_nor_copied() -> None:
    secret = SecretBytes(SEED)
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(secret)


def test_it_has_no_attributes_to_dump() -> None:
    with pytest.raises(TypeError):
        vars(SecretBytes(SEED))


def test_a_traceback_with_all_locals_does_not_show_it() -> None:
    def fails(secret: SecretBytes) -> None:
        with secret:
            raise RuntimeError("boom")

    try:
        fails(SecretBytes(bytes.fromhex("68756e74657232")))
    except RuntimeError as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert "hunter2" not in "".join(told.format())


def test_closing_overwrites_the_very_pages() -> None:
    secret = SecretBytes(SEED)
    pages = memoryview(secret._pages)
    assert bytes(pages[:32]) == SEED
    secret.close()
    assert bytes(pages) == bytes(len(pages))
    assert secret.wiped


def test_the_end_of_a_block_and_of_the_object_wipe_it() -> None:
    with SecretBytes(SEED) as secret:
        assert secret.reveal() == SEED
    assert secret.wiped
    kept = SecretBytes(SEED)
    pages = memoryview(kept._pages)
    del kept
    gc.collect()
    assert bytes(pages[:32]) == bytes(32)


def test_a_wiped_secret_is_not_read_as_zeros() -> None:
    secret = SecretBytes(SEED)
    secret.close()
    secret.close()
    with pytest.raises(ValueError, match="wiped"):
        secret.reveal()
    with pytest.raises(ValueError, match="wiped"):
        assert secret == SecretBytes(SEED)


def test_the_bytearray_it_is_made_from_is_overwritten() -> None:
    source = bytearray(SEED)
    assert SecretBytes(source).reveal() == SEED
    assert source == bytearray(32)


def test_secrets_compare_by_content_and_only_with_secrets() -> None:
    assert SecretBytes(SEED) == SecretBytes(SEED)
    assert SecretBytes(SEED) != SecretBytes(bytes(32))
    assert SecretBytes(SEED) != SEED
    with pytest.raises(TypeError):
        hash(SecretBytes(SEED))


def test_a_part_is_a_secret_of_its_own() -> None:
    whole = SecretBytes(SEED)
    part = whole.part(8, 16)
    whole.close()
    assert part.reveal() == SEED[8:16]


def test_random_secrets_differ() -> None:
    assert len({SecretBytes.random(32).reveal() for _ in range(50)}) == 50


def test_an_empty_secret_is_possible() -> None:
    assert SecretBytes(b"").reveal() == b""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_pages_are_locked_left_out_of_dumps_and_wiped_in_a_fork() -> None:
    secret = SecretBytes(SEED)
    if not secret.locked_in_memory:
        pytest.skip("this system's limit on locked memory is used up")
    import ctypes

    anchor = ctypes.c_char.from_buffer(secret._pages)
    flags = _vm_flags(ctypes.addressof(anchor))
    assert {"lo", "dd", "wf"} <= flags


def _vm_flags(address: int) -> set[str]:
    """The flags of the mapping at `address` (Documentation/filesystems/proc.rst, VmFlags)."""
    here = False
    with open("/proc/self/smaps") as file:
        for line in file:
            first = line.split()[0]
            if "-" in first and not first.endswith(":"):
                low, high = (int(part, 16) for part in first.split("-"))
                here = low <= address < high
            elif here and first == "VmFlags:":
                return set(line.split()[1:])
    raise AssertionError("the mapping is not in smaps")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_sees_nothing() -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux can wipe on fork")
    secret = SecretBytes(SEED)
    child = os.fork()
    if child == 0:
        os._exit(0 if secret.reveal() == bytes(32) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
