# SPDX-License-Identifier: Apache-2.0
"""Every failure that was recorded from a real node gets its name, and a healthy log none."""

from __future__ import annotations

import json
import signal

import pytest

from node_manager.cosmos.failures import LogDiagnosis, diagnose_exit, retry_helps
from node_manager.cosmos.known import BY_CODE, KNOWN_FAILURES
from node_manager.cosmos.upgrades import UpgradePlan
from tests.unit.cosmos.recorded import CHAIN, POSD

FAILURES = json.loads((POSD / "failures.json").read_text())

ENDED = {
    "port_p2p": "port-taken",
    "port_rpc": "port-taken",
    "fresh_wrong_chainid": "genesis-changed",
    "peer_malformed": "peer-malformed",
    "empty_valset": "no-validators-in-genesis",
    "bad_genesis_json": "genesis-broken",
    "no_genesis": "genesis-missing",
    "no_min_gas": "min-gas-price-missing",
    "empty_home": "min-gas-price-missing",
    "upgrade_halt_restart": "upgrade-needed",
    "state_broken": "signing-state-broken",
    "state_missing": "signing-state-missing",
    "db_corrupt": "database-damaged",
    "disk_full_restart": "disk-full",
    "no_signer": "no-signer",
    "unix_stale": "signer-socket-stale",
}

HALTED = {
    "chainid_changed_with_data": "data-not-of-this-chain",
    "data_other_chain": "data-of-other-chain",
    "fresh_wrong_appstate": "genesis-differs",
    "upgrade_halt": "upgrade-needed",
    "upgrade_binary_too_new": "upgrade-too-early",
    "halt_height": "halt-height",
    "disk_full": "disk-full",
    "treasury_unset": "treasury-unset",
}

HINDERED = {
    "port_prom": "metrics-port-taken",
    "port_pprof": "metrics-port-taken",
    "peer_wrong_id": "peer-wrong-id",
    "state_ahead": "signing-state-ahead",
    "signer_drop_sole": "signer-lost",
    "signer_drop_full": "signer-lost",
}

REPAIRED = {"wal_truncated", "wal_corrupt_tail", "wal_missing"}

SILENT = {
    "port_rest": "nothing is logged: the preflight tries the port",
    "port_grpc": "nothing is logged: the preflight tries the port",
    "genesis_changed_with_data": "not noticed by the node; the genesis hash is ours to check",
    "no_peers": "told by the figures, see test_liveness",
    "upgrade_skip": "an order of the operator, no failure",
    "sigterm_without_signer": "a habit of the node that the order of stopping avoids",
    "peer_other_network": "told by data of the other chain, see below",
}


def test_every_recorded_failure_is_expected_somewhere() -> None:
    assert set(FAILURES) == {*ENDED, *HALTED, *HINDERED, *REPAIRED, *SILENT}


@pytest.mark.parametrize(("name", "code"), ENDED.items())
def test_a_dead_process_is_explained_by_its_last_words(name: str, code: str) -> None:
    record = FAILURES[name]
    lines = [*record["error_lines"], record.get("stdout_last", ""), record["stderr_error"]]
    explanation = diagnose_exit(record["rc"], lines)
    assert explanation.code == code
    assert all(explanation.filled())
    assert "unknown" not in str(explanation)


@pytest.mark.parametrize(("name", "code"), HALTED.items())
def test_a_node_that_lives_on_and_stands_still_says_why(name: str, code: str) -> None:
    diagnosis = LogDiagnosis(CHAIN)
    for line in FAILURES[name]["error_lines"]:
        diagnosis.feed(line)
    assert diagnosis.halted is not None
    assert diagnosis.halted.code == code
    assert "unknown" not in str(diagnosis.halted)


@pytest.mark.parametrize(("name", "code"), HINDERED.items())
def test_a_node_that_goes_on_with_trouble_names_it(name: str, code: str) -> None:
    diagnosis = LogDiagnosis(CHAIN)
    for line in FAILURES[name]["error_lines"]:
        diagnosis.feed(line)
    assert diagnosis.halted is None
    assert diagnosis.hindered is not None
    assert diagnosis.hindered.code == code


@pytest.mark.parametrize("name", sorted(REPAIRED))
def test_a_mended_journal_is_told_and_hinders_nothing(name: str) -> None:
    diagnosis = LogDiagnosis(CHAIN)
    for line in FAILURES[name]["error_lines"]:
        diagnosis.feed(line)
    assert [f.failure.code for f in diagnosis.findings] == ["write-ahead-log-repaired"]
    assert diagnosis.halted is None
    assert diagnosis.hindered is None


def test_a_peer_of_another_network_is_only_a_peer() -> None:
    line = FAILURES["peer_other_network"]["error_lines"][0]
    diagnosis = LogDiagnosis("omniphi-testnet-2")
    diagnosis.feed(line)
    assert diagnosis.halted is None
    assert diagnosis.hindered is not None
    assert diagnosis.hindered.code == "peer-other-network"


WHOLE_LOGS = {
    "chainid_changed_with_data.log": ["data-not-of-this-chain"],
    "disk_full.log": ["disk-full"],
    "fresh_wrong_appstate.log": ["genesis-differs"],
    "halt_height.log": ["halt-height"],
    "node_json.jsonl": [],
    "node_plain.log": [],
    "node_plain_ansi.log": [],
    "peer_other_network.log": ["data-of-other-chain"],
    "peer_wrong_id.log": ["peer-wrong-id"],
    "signer_drop_full.log": [],
    "signer_drop_sole.log": ["signer-lost"],
    "state_ahead.log": ["signing-state-ahead"],
    "treasury_unset.log": ["treasury-unset"],
    "upgrade_halt.log": ["upgrade-needed"],
    "upgrade_halt_restart.log": ["upgrade-needed"],
    "wal_corrupt_tail.log": ["write-ahead-log-repaired"],
    "wal_truncated.log": ["write-ahead-log-repaired"],
}


def test_every_recorded_log_is_expected() -> None:
    assert {path.name for path in (POSD / "logs").iterdir()} == set(WHOLE_LOGS)


@pytest.mark.parametrize(("log", "codes"), WHOLE_LOGS.items())
def test_a_whole_log_names_each_trouble_once(log: str, codes: list[str]) -> None:
    diagnosis = LogDiagnosis(CHAIN)
    lines = (POSD / "logs" / log).read_text().splitlines()
    told = [found.code for line in lines if (found := diagnosis.feed(line)) is not None]
    assert told == codes


def _as_json(line: str) -> str:
    """The same record in the JSON format."""
    _, level, rest = line.split(" ", 2)
    message, _, error = rest.partition(" err=")
    record = {"level": {"ERR": "error", "INF": "info"}[level], "module": "server"}
    record |= {"height": "29", "hash": "0D61"}  # newer versions say where, before the error
    if error:
        record["err"] = error.partition(" module=")[0].strip('"').replace('\\"', '"')
    return json.dumps(record | {"message": message, "time": "2026-11-22T13:48:57Z"})


@pytest.mark.parametrize("name", sorted({*HALTED, *HINDERED} - {"treasury_unset"}))
def test_both_log_formats_name_the_same(name: str) -> None:
    plain, structured = LogDiagnosis(CHAIN), LogDiagnosis(CHAIN)
    for line in FAILURES[name]["error_lines"]:
        if " err=" in line:
            plain.feed(line)
            structured.feed(_as_json(line))
    assert plain.findings
    assert [f.failure.code for f in structured.findings] == [f.failure.code for f in plain.findings]


@pytest.mark.parametrize(
    "line",
    [
        '1:40PM ERR failed signing vote err="no disk" height=29 module=consensus round=0',
        '{"level":"error","module":"consensus","height":29,"err":"no disk",'
        '"message":"failed signing vote"}',
    ],
)
def test_a_refusal_of_the_signer_is_quoted_without_what_stands_around_it(line: str) -> None:
    explanation = LogDiagnosis(CHAIN).feed(line)
    assert explanation is not None
    assert explanation.code == "signature-refused"
    assert str(explanation.facts["said"]).startswith("no disk")
    assert "module" not in str(explanation)


def test_a_signer_that_comes_back_ends_the_trouble() -> None:
    diagnosis = LogDiagnosis(CHAIN)
    for line in FAILURES["signer_drop_sole"]["error_lines"]:
        diagnosis.feed(line)
    assert diagnosis.hindered is not None
    diagnosis.feed("1:45PM INF SignerListener: Connected module=privval")
    assert diagnosis.hindered is None


def test_growth_disproves_a_halt_but_not_data_of_another_chain() -> None:
    halted, foreign = LogDiagnosis(CHAIN), LogDiagnosis(CHAIN)
    for line in FAILURES["fresh_wrong_appstate"]["error_lines"]:
        halted.feed(line)
    for line in FAILURES["data_other_chain"]["error_lines"]:
        foreign.feed(line)
    for diagnosis in (halted, foreign):
        diagnosis.reached(89)
    assert halted.halted is not None, "the block it failed at is counted"
    for diagnosis in (halted, foreign):
        diagnosis.reached(90)
    assert halted.halted is None
    assert foreign.halted is not None


def test_trouble_that_is_told_again_at_each_block_is_not_disproved_by_the_blocks() -> None:
    line = (
        'failed signing vote err="signerEndpoint returned error #1: height regression. Got'
        ' {height}, last height 99999"'
    )
    diagnosis = LogDiagnosis(CHAIN)
    for height in (29, 30, 31):
        diagnosis.feed(f"12:00PM ERR {line.format(height=height)} module=consensus")
        diagnosis.reached(height)
        assert diagnosis.hindered is not None
    diagnosis.reached(32)
    assert diagnosis.hindered is None


def test_the_special_cause_is_named_before_the_consensus_failure_it_leads_to() -> None:
    diagnosis = LogDiagnosis(CHAIN)
    diagnosis.feed('1:41PM ERR CONSENSUS FAILURE!!! err="something new" module=consensus')
    assert diagnosis.halted is not None
    assert diagnosis.halted.code == "consensus-failure"
    diagnosis.feed('1:41PM ERR failed to index block err="no space left on device" height=125')
    assert diagnosis.halted.code == "disk-full"


def test_an_upgrade_on_disk_explains_an_exit_without_words() -> None:
    plan = UpgradePlan(name="v2", height=100)
    assert diagnose_exit(1, [], upgrade=plan, height=100).code == "upgrade-needed"
    assert diagnose_exit(1, [], upgrade=plan, height=101).code == "node-ended"


def test_an_old_upgrade_file_explains_nothing_when_the_height_is_unknown() -> None:
    plan = UpgradePlan(name="v2", height=100)
    assert diagnose_exit(1, ["bye"], upgrade=plan).code == "node-ended"


def test_a_signer_of_another_chain_shows_whose_data_the_node_has() -> None:
    said = (
        "error with private validator socket client: can't get pubkey: signerEndpoint returned"
        " error #4: this key signs for omniphi-localnet-1 only"
    )
    explanation = diagnose_exit(1, ["Usage:", said])
    assert explanation.code == "data-for-other-chain"
    assert "omniphi-localnet-1" in explanation.filled()[1]
    assert not retry_helps(explanation.code)


def test_a_kill_from_outside_is_called_one() -> None:
    assert diagnose_exit(-signal.SIGKILL, ["1:27PM INF fine module=server"]).code == "node-killed"


def test_an_exit_nobody_knows_shows_its_last_line() -> None:
    explanation = diagnose_exit(3, ["first", "the real reason", ""])
    assert explanation.code == "node-ended"
    assert "the real reason" in str(explanation)
    assert retry_helps(explanation.code)


def test_a_hindrance_is_not_taken_for_the_cause_of_a_later_end() -> None:
    peers = FAILURES["peer_wrong_id"]["error_lines"]
    taken = FAILURES["port_p2p"]["stderr_error"]
    assert diagnose_exit(1, [taken, *peers]).code == "port-taken"


STARTED = "1:27PM INF starting node with ABCI CometBFT in-process module=server"
COMMITTED = "1:27PM INF committed state block_app_hash=00 height=6 module=state"


def test_what_an_earlier_run_said_explains_no_later_end() -> None:
    upgrade = FAILURES["upgrade_halt"]["error_lines"]
    assert diagnose_exit(-signal.SIGKILL, [*upgrade]).code == "upgrade-needed"
    assert diagnose_exit(-signal.SIGKILL, [*upgrade, STARTED]).code == "node-killed"
    assert diagnose_exit(-signal.SIGKILL, [*upgrade, COMMITTED]).code == "node-killed"


def test_a_new_run_begins_with_a_clean_slate() -> None:
    diagnosis = LogDiagnosis(CHAIN)
    for line in FAILURES["disk_full"]["error_lines"]:
        diagnosis.feed(line)
    assert diagnosis.halted is not None
    diagnosis.feed(STARTED)
    assert diagnosis.findings == ()


def test_what_a_restart_cannot_mend_is_not_retried() -> None:
    assert not retry_helps("genesis-broken")
    assert not retry_helps("signing-state-missing")
    assert not retry_helps("upgrade-needed")
    assert retry_helps("port-taken")


def test_every_known_failure_has_all_its_words() -> None:
    assert len(BY_CODE) == len(KNOWN_FAILURES)
    for failure in KNOWN_FAILURES:
        assert failure.what
        assert failure.why
        assert failure.todo
        assert "!" not in failure.what + failure.why + failure.todo
