# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.obol.ceremony.dkg import note_of
from node_manager.obol.ceremony.dkg_progress import DkgPhase, DkgProgress
from node_manager.obol.charon.failures import diagnose
from node_manager.obol.charon.log import parse_line
from node_manager.obol.keys.key_lock import seconds_to_wait
from node_manager.obol.run_log import RunLog
from tests.unit.obol.recorded import CHARON, lines


def progress(name: str) -> DkgProgress:
    told = DkgProgress()
    for line in lines("dkg", name):
        told.feed(line)
    return told


@pytest.mark.parametrize(
    "name",
    [
        *(f"ok-node{number}" for number in range(4)),
        "late-fourth-ok-node3",
        "restart-rejoin-ok-node0",
        "wait-peer-rejoins-ok-node1",
    ],
)
def test_a_ceremony_that_came_to_its_end_met_every_peer(name: str) -> None:
    told = progress(name)
    assert told.phase is DkgPhase.DONE
    assert len(told.listed) == 4 and told.missing == []
    assert sum(peer.ours for peer in told.listed) == 1
    assert [peer.index for peer in told.listed] == [0, 1, 2, 3]


def test_a_wait_names_the_peer_that_is_missing() -> None:
    told = DkgProgress()
    for line in lines("dkg", "wait-sigterm-node0"):
        if "context canceled" in line:
            break
        told.feed(line)
    assert told.phase is DkgPhase.WAITING
    assert [peer.name for peer in told.missing] == ["jealous-money"]
    assert "jealous-money" in note_of(told) and "same relays" in note_of(told)


def test_a_peer_that_began_anew_in_the_middle_is_noticed() -> None:
    assert progress("midceremony-survivor-stuck-node0").restarted_peer == "defiant-room"
    assert progress("ok-node0").restarted_peer == ""


def test_console_lines_with_colours_are_read() -> None:
    first = parse_line(lines("dkg", "ok-node0")[0])
    assert first is not None and first.at is None and first.level == "warn"
    assert first.fact("address") == "http://127.0.0.1:3640"
    flag = next(
        line for text in lines("run", "fail-badflag") if (line := parse_line(text)) and line.failure
    )
    assert flag.failure == "unknown flag: --p2p-allowlist"


def test_usage_text_and_logfmt_are_no_lines_of_charon() -> None:
    foreign = [text for text in lines("run", "fail-p2p-port-taken-by-other") if "ts=" in text[:4]]
    assert foreign and all(parse_line(text) is None for text in foreign)


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading(text: str) -> None:
    told = DkgProgress()
    told.feed(text)
    told.feed("{" + text)
    told.feed('{"msg": "Peer summary", "peer": ' + text)


def test_an_end_without_known_words_is_told_with_its_last_words() -> None:
    told = diagnose([], "was killed")
    assert told.again and "was killed" in str(told.explanation)


def test_charons_last_words_end_with_a_full_stop() -> None:
    """Killed while it worked, its last line is any line: charon ends none with one."""
    line = parse_line('{"level":"info","ts":"","msg":"No peers participated in duty"}')
    assert line is not None
    assert "No peers participated in duty. It is" in str(diagnose([line], "ended").explanation)


def test_facts_of_the_failure_stand_in_its_words() -> None:
    parsed = [line for text in lines("run", "fail-wrong-network-bn") if (line := parse_line(text))]
    words = str(diagnose(parsed, "ended").explanation)
    assert "holesky" in words and "sepolia" in words


@pytest.mark.parametrize("name", ["after-dkg", "after-run"])
def test_charons_lock_of_its_key_is_waited_for(name: str, tmp_path: Path) -> None:
    lock = CHARON / "cluster" / "node0" / f"charon-enr-private-key.lock.{name}"
    at = 1795353549.877855 if name == "after-dkg" else 1795355120.425246
    assert seconds_to_wait(lock, now=at + 2) == pytest.approx(4, abs=0.01)
    assert seconds_to_wait(lock, now=at + 7) == 0
    assert seconds_to_wait(lock, now=at - 5000) == 6
    assert seconds_to_wait(tmp_path / "none", now=at) == 0


def test_only_the_lines_of_its_own_run_count(tmp_path: Path) -> None:
    log = tmp_path / "charon.log"
    log.write_text("\n".join(lines("run", "fail-wrong-key")) + "\n")
    run = RunLog(log)
    assert run.added() == []
    with log.open("a") as file:
        file.write("\n".join(lines("run", "fail-missing-lock")) + "\n")
    assert len(run.added()) == 5
    assert diagnose(run.lines, "ended").explanation.code == "lock-missing"
    adopted = RunLog(log, since=1795353674.05)
    adopted.added()
    assert {line.at >= 1795353673 for line in adopted.lines if line.at} == {True}
