# SPDX-License-Identifier: Apache-2.0
"""What the image's entry point does before a validator runs."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bridge.cli.contained import UnlockVolumeLost, _passphrase
from bridge.cli.parser import parse
from node_manager.layout import Layout


def test_the_passphrase_is_made_once_and_private(tmp_path: Path, layout: Layout) -> None:
    (tmp_path / "unlock").mkdir()
    file = _passphrase(tmp_path / "unlock", layout)
    made = file.read_text()
    assert len(made) >= 40
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert _passphrase(tmp_path / "unlock", layout).read_text() == made


def test_a_key_without_its_passphrase_is_never_replaced(tmp_path: Path, layout: Layout) -> None:
    key = layout.node("localnet").key
    key.parent.mkdir(parents=True)
    key.write_text("{}")
    (tmp_path / "unlock").mkdir()
    with pytest.raises(UnlockVolumeLost):
        _passphrase(tmp_path / "unlock", layout)
    assert list((tmp_path / "unlock").iterdir()) == []


def test_the_environment_names_the_validator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONECLICK_NETWORK", "omniphi-testnet-2")
    monkeypatch.setenv("ONECLICK_MONIKER", "cloudy")
    chosen = parse(["contained"])
    assert (chosen.network, chosen.moniker, chosen.protection) == (
        "omniphi-testnet-2", "cloudy", "passphrase",
    )  # fmt: skip
    assert not chosen.wants_window


def test_without_an_app_it_is_not_well(tmp_path: Path) -> None:
    chosen = parse(["--data", str(tmp_path), "contained", "--health"])
    assert chosen.run(chosen) == 1
