# SPDX-License-Identifier: Apache-2.0
"""A support bundle helps others and gives nothing away."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.checks.redaction import HIDDEN, redact
from node_manager.checks.result import CheckResult, CheckState
from node_manager.checks.support_bundle import LOG_BYTES, BundleNotSaved, make_bundle
from node_manager.explanation import Explanation
from node_manager.layout import Layout
from node_manager.settings import AlertSettings, Settings, save
from node_manager.state import NodeState, NodeStatus

SECRET = "hunter2-correct-horse"
PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"

STATUS = NodeStatus("one", "n", "c", "first", state=NodeState.FAILED, consensus_pubkey=b"\1" * 32)


@pytest.mark.parametrize(
    "line",
    [
        f'{{"event": "x", "passphrase": "{SECRET}"}}',
        f"password={SECRET}",
        f"token: {SECRET}",
        f"Authorization: Bearer {SECRET}",
        f'curl -H "authorization: Bearer {SECRET}"',
        f"priv_key={{type:a value:{SECRET}}}",
        f'"priv_key":{{"type":"tendermint/PrivKeyEd25519","value":"{SECRET}"}}',
        f"https://user:{SECRET}@example.com/path",
        f'webhook = "https://hooks.example/{SECRET}"',
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
    ],
)
def test_a_secret_does_not_travel(line: str) -> None:
    assert SECRET not in redact(line)
    assert HIDDEN in redact(line)


def test_a_recovery_phrase_does_not_travel() -> None:
    assert "sausage" not in redact(f"imported {PHRASE}")


def test_what_helps_stays() -> None:
    line = '1:27PM ERR dialing failed addr=9f1c@65.108.44.12:26656 err="i/o timeout" module=p2p'
    assert redact(line) == line
    assert redact("committed state app_hash=E3B0C44298FC1C149AFBF4C8996FB924 height=7") == (
        "committed state app_hash=E3B0C44298FC1C149AFBF4C8996FB924 height=7"
    )


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters='"\\'), min_size=1))
def test_a_quoted_secret_is_hidden_whatever_it_is(secret: str) -> None:
    assert redact(f'{{"passphrase": "{secret}", "height": 7}}') == (
        f'{{"passphrase": "{HIDDEN}", "height": 7}}'
    )


def write(layout: Layout) -> None:
    folder = layout.node("one")
    folder.logs.mkdir(parents=True)
    layout.logs.mkdir(parents=True)
    save(layout.settings, Settings(alerts=AlertSettings(webhook=f"https://hooks/{SECRET}")))
    folder.key.write_text(SECRET)
    (layout.data / "device-key").write_text(SECRET)
    (layout.data / "pairings.json").write_text(SECRET)
    (folder.logs / "node.log").write_text(f"first\nlast height=7\npassphrase={SECRET}\n")
    (layout.logs / "app.log").write_bytes(b"x" * LOG_BYTES + b"\nthe end\n")


def test_a_bundle_has_logs_settings_and_findings_and_no_secret(layout: Layout) -> None:
    write(layout)
    found = CheckResult("disk", "Disk", CheckState.WARN, Explanation("d", "It is full."))
    bundle = make_bundle(layout, [STATUS], {"one": [found]})
    told = {file.name: file.text for file in bundle.files}
    assert set(told) == {
        "about.txt", "settings.toml", "checks.txt", "one/status.json", "one/node.log", "app.log",
    }  # fmt: skip
    assert SECRET not in "".join(told.values())
    assert "last height=7" in told["one/node.log"]
    assert told["app.log"] == "the end\n"
    assert "It is full." in told["checks.txt"]


def test_what_is_shown_is_what_is_saved(layout: Layout, tmp_path: Path) -> None:
    write(layout)
    bundle = make_bundle(layout, [STATUS], {})
    bundle.save(tmp_path / "bundle.zip")
    assert (tmp_path / "bundle.zip").stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        saved = {name: archive.read(name).decode() for name in archive.namelist()}
    assert saved == {file.name: file.text for file in bundle.files}


def test_a_bundle_that_cannot_be_saved_leaves_nothing(layout: Layout, tmp_path: Path) -> None:
    with pytest.raises(BundleNotSaved):
        make_bundle(layout, [], {}).save(tmp_path / "missing" / "bundle.zip")
    assert list(tmp_path.iterdir()) == []
