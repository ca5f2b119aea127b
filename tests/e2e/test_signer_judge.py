# SPDX-License-Identifier: Apache-2.0
"""The signer before CometBFT's own client: the judge plays the node."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.judge.driving import Bench, JudgeFailed, build_judge, without

MEMORY_LIMIT = 40 * 2**20

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="the judge listens on unix")


@pytest.fixture(scope="session")
def judge() -> Path:
    return build_judge()


@pytest.fixture
def folder() -> Iterator[Path]:
    # short: a unix socket's path has room for about a hundred bytes
    with tempfile.TemporaryDirectory(prefix="judge-") as name:
        yield Path(name)


def failures(verdict: dict[str, object]) -> list[object]:
    cases = verdict["cases"]
    assert isinstance(cases, list)
    return [case for case in cases if not case["ok"]]


def test_it_answers_as_cometbfts_own_file_signer_byte_for_byte(judge: Path, folder: Path) -> None:
    bench = Bench.on_unix(judge, folder)
    bench.create_journal()
    with bench.start() as signer:
        verdict = bench.ask("check", rounds=3000)
        resident = signer.resident_bytes()
    assert failures(verdict) == []
    assert verdict["granted"] > 1000
    assert verdict["refused"] > 500
    assert resident <= MEMORY_LIMIT


def test_it_does_so_over_an_encrypted_connection_to_the_pinned_node(
    judge: Path, folder: Path
) -> None:
    bench = Bench.on_tcp(judge, folder)
    bench.create_journal()
    with bench.start(bench.plan(node_id=bench.node_id)) as signer:
        verdict = bench.ask("check", rounds=300)
        resident = signer.resident_bytes()
    assert failures(verdict) == []
    assert resident <= MEMORY_LIMIT


def test_it_signs_for_no_other_node_than_the_pinned_one(judge: Path, folder: Path) -> None:
    bench = Bench.on_tcp(judge, folder)
    bench.create_journal()
    with bench.start(bench.plan(node_id="00" * 20)):
        with pytest.raises(JudgeFailed):
            bench.ask("latency", rounds=1, wait=3)
        deadline = time.monotonic() + 10
        while (said := f"it is node {bench.node_id}") not in bench.log.read_text():
            assert time.monotonic() < deadline, f"the log does not say that {said}"
            time.sleep(0.05)


def test_killed_at_random_moments_it_never_signs_twice(judge: Path, folder: Path) -> None:
    verdict = Bench.on_unix(judge, folder).storm(cycles=200, random=4)
    assert verdict["conflicting_pairs"] == 0
    assert verdict.get("unexpected", []) == []
    assert verdict.get("opened_damaged", []) == []
    assert verdict["signatures"] > 400, "two a cycle, also on a busy machine"
    assert verdict["killed_in_request"] > 100
    assert len(verdict["damaged"]) >= 5


def test_the_judge_notices_a_signer_that_does_not_record(judge: Path, folder: Path) -> None:
    forgetful = without(
        "import node_manager.signer.journal as journal, node_manager.signer.main as main\n"
        "journal.write_at = lambda handle, data, offset: None\n"
        "main._refuse_old = lambda journal, plan: None"
    )
    verdict = Bench.on_unix(judge, folder).storm(cycles=15, random=5, argv=forgetful)
    assert verdict["conflicting_pairs"] > 0


def test_the_judge_notices_a_signer_that_opens_a_torn_record(judge: Path, folder: Path) -> None:
    lenient = without(
        "import node_manager.signer.journal as journal\n"
        "def newest(path, content, chain_id, pubkey):\n"
        "    records = journal._readable(content)\n"
        "    if not records:\n"
        "        raise journal.JournalTorn(path=path, why='nothing is left', height=0)\n"
        "    return records[-1]\n"
        "journal._newest_of = newest"
    )
    verdict = Bench.on_unix(judge, folder).storm(cycles=40, random=6, argv=lenient)
    assert verdict["opened_damaged"]
