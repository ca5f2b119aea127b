# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from typing import Any

import pytest

from node_manager.obol.cluster import hashes
from node_manager.obol.cluster.documents import VERSIONS, parse_definition, parse_lock
from node_manager.obol.cluster.lock_verification import lock_hashes, verify_lock
from node_manager.obol.cluster.verification import (
    CheckState,
    Verification,
    definition_hashes,
    verify_definition,
)
from node_manager.obol.errors import DocumentNotUnderstood, ObolError, VersionNotSupported
from node_manager.obol.keys.enr import make_enr
from tests.helpers.dv_locks import MadeLock, make_lock
from tests.helpers.dv_material import Cluster, rehash
from tests.unit.obol.mutations import changed
from tests.unit.obol.recorded import CHARON

NODE_KEYS = [bytes([number + 65]) * 32 for number in range(3)]


def cluster(version: str) -> Cluster:
    enrs: list[str | None] = [make_enr(key).text for key in NODE_KEYS]
    return Cluster(enrs, version=version, threshold=2).sign_all()


@pytest.fixture(scope="module", params=VERSIONS)
def made(request: pytest.FixtureRequest) -> MadeLock:
    """A lock of each version, signed by py_ecc, eth-account and eth-keys."""
    return make_lock(cluster(request.param).raw(), NODE_KEYS)


def recorded(pattern: str) -> list[Any]:
    files = [*(CHARON / "testdata").glob(pattern), *(CHARON / "cluster").glob(pattern)]
    return [pytest.param(json.loads(f.read_text("utf-8")), id=f.stem) for f in sorted(files)]


DEFINITIONS = recorded("*definition*.json")
LOCKS = recorded("*lock*.json")


@pytest.mark.parametrize("raw", DEFINITIONS)
def test_the_hashes_of_charons_definitions_are_reproduced(raw) -> None:
    definition = parse_definition(raw)
    assert hashes.config_hash(definition) == definition.config_hash
    assert hashes.definition_hash(definition) == definition.definition_hash


@pytest.mark.parametrize("raw", LOCKS)
def test_the_hashes_of_charons_locks_are_reproduced(raw) -> None:
    lock = parse_lock(raw)
    assert hashes.lock_hash(lock) == lock.lock_hash
    assert hashes.definition_hash(lock.definition) == lock.definition.definition_hash


@pytest.mark.parametrize("raw", DEFINITIONS)
def test_a_definition_with_one_byte_changed_has_other_hashes(raw) -> None:
    count = 0
    for place, new in changed(raw):
        count += 1
        try:
            checks = list(definition_hashes(parse_definition(new)))
        except ObolError:
            continue
        assert any(one.state is CheckState.FAILED for one in checks), place
    assert count > 10


@pytest.mark.parametrize("raw", LOCKS)
def test_a_lock_with_one_byte_of_its_hashed_content_changed_has_other_hashes(raw) -> None:
    count = 0
    for place, new in changed(raw):
        if place.startswith(("signature_aggregate", "node_signatures")):
            continue  # signed over the hash, not part of it
        if raw["cluster_definition"]["version"] == "v1.5.0" and "deposit" in place:
            continue
        count += 1
        try:
            lock = parse_lock(new)
        except ObolError:
            continue
        checks = [*definition_hashes(lock.definition), *lock_hashes(lock)]
        assert any(one.state is CheckState.FAILED for one in checks), place
    assert count > 20


@pytest.mark.parametrize(
    ("name", "network", "unsigned"),
    [
        ("cluster/cluster-lock.json", "sepolia", True),
        ("cluster/hoodi-cluster-lock.json", "hoodi", True),
        ("testdata/cluster-lock-003.json", "goerli", False),
    ],
)
def test_locks_of_real_ceremonies_are_accepted(name: str, network: str, unsigned: bool) -> None:
    lock = parse_lock((CHARON / name).read_bytes())
    told = verify_lock(lock, network=network, allow_unsigned=unsigned)
    assert told.refusal is None
    assert {check.state for check in told.checks if check.needed} == {CheckState.OK}


def test_every_byte_of_a_real_signed_lock_counts() -> None:
    raw = json.loads((CHARON / "testdata" / "cluster-lock-003.json").read_text("utf-8"))
    for place, new in changed(raw):
        if not place.startswith(("signature_aggregate", "node_signatures", "lock_hash")):
            continue  # the others change a hash, which is tested above at a lower price
        assert not verify_lock(parse_lock(new)).accepted, place


def test_signed_definitions_and_locks_of_each_version_are_accepted(made: MadeLock) -> None:
    definition = parse_definition(made.raw["cluster_definition"])
    told = verify_definition(definition, network="hoodi")
    assert told.refusal is None
    assert sum("signature" in check.id for check in told.checks) == 1 + 2 * 3
    assert verify_lock(parse_lock(made.raw), network="hoodi").refusal is None


def test_each_with_one_byte_changed_is_refused(made: MadeLock) -> None:
    for place, new in changed(made.raw["cluster_definition"]):
        assert not accepted(parse_definition, verify_definition, new), place
    for place, new in changed(made.raw):
        if not place.startswith("cluster_definition"):
            assert not accepted(parse_lock, verify_lock, new), place


def test_a_changed_definition_whose_hashes_were_made_to_fit_is_refused(made: MadeLock) -> None:
    raw = made.raw["cluster_definition"]
    for place, new in changed(raw):
        if place in {"config_hash", "definition_hash", "version"} or "address" in place:
            continue  # addresses below; the others are hashes themselves
        try:
            fitted = rehash(new)
        except (ObolError, ValueError):
            continue
        assert not accepted(parse_definition, verify_definition, fitted), place


def test_a_signature_by_somebody_else_is_refused_with_who_it_was() -> None:
    raw = cluster("v1.10.0").raw()
    raw["operators"][1]["address"] = raw["operators"][0]["address"]
    told = verify_definition(parse_definition(rehash(raw)))
    failed = {check.id for check in told.checks if check.state is CheckState.FAILED}
    assert {"operator-2-config-signature", "operator-2-enr-signature", "distinct"} <= failed


def test_an_unsigned_definition_is_only_for_those_who_ask_for_it() -> None:
    raw = json.loads((CHARON / "cluster" / "cluster-definition.json").read_text("utf-8"))
    definition = parse_definition(raw)
    assert definition.unsigned
    assert not verify_definition(definition).accepted
    told = verify_definition(definition, allow_unsigned=True)
    assert told.accepted
    assert [check.id for check in told.checks if check.state is CheckState.UNKNOWN] == [
        "signatures"
    ]


def test_one_missing_signature_is_not_an_unsigned_definition() -> None:
    one = cluster("v1.10.0")
    one.signed.discard(2)
    assert not verify_definition(parse_definition(one.raw()), allow_unsigned=True).accepted


def test_a_definition_for_another_network_or_cluster_is_refused() -> None:
    definition = parse_definition(cluster("v1.10.0").raw())
    assert not verify_definition(definition, network="mainnet").accepted
    assert not verify_definition(definition, config_hash="0x" + "11" * 32).accepted
    own = f"0x{definition.config_hash.hex()}"
    assert verify_definition(definition, network="hoodi", config_hash=own).accepted


def test_a_shared_wallets_signature_is_unknown_and_refused_unless_charon_checks_it() -> None:
    raw = cluster("v1.11.0").raw()
    raw["operators"][0]["config_signature"] += "11" * 65
    definition = parse_definition(rehash(raw))
    told = verify_definition(definition)
    assert told.refusal is not None and told.refusal.state is CheckState.UNKNOWN
    assert verify_definition(definition, contracts_checked_later=True).accepted


def test_of_an_unknown_network_signatures_stay_unknown() -> None:
    raw = cluster("v1.10.0").raw() | {"fork_version": "0x12345678"}
    told = verify_definition(parse_definition(rehash(raw)))
    assert told.refusal is not None
    assert "signatures" in {c.id for c in told.checks if c.state is CheckState.UNKNOWN}


@pytest.mark.parametrize("version", ["v1.4.0", "v1.12.0", "v2.0.0", "", None, 7])
def test_versions_without_known_hashes_are_refused(version) -> None:
    with pytest.raises(VersionNotSupported):
        parse_definition(cluster("v1.10.0").raw() | {"version": version})


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'"x"', b"\xff\xfe", b"[" * 900])
def test_what_is_no_document_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(ObolError):
        parse_definition(content)


def test_a_field_of_a_wrong_shape_is_named() -> None:
    raw = cluster("v1.10.0").raw()
    raw["operators"][0]["address"] = "0x12"
    with pytest.raises(DocumentNotUnderstood, match=r"operators\.0\.address"):
        parse_definition(raw)


def accepted(parse: Any, verify: Any, raw: dict[str, Any]) -> bool:
    """Whether all checks are right; the cheap ones first, as one failure decides."""
    try:
        document = parse(raw)
        definition = getattr(document, "definition", document)
        cheap = [*definition_hashes(definition)]
        if definition is not document:
            cheap.extend(lock_hashes(document))
        if any(check.state is CheckState.FAILED for check in cheap):
            return False
        told: Verification = verify(document, network="hoodi")
    except ObolError:
        return False
    return told.accepted
