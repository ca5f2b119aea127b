# SPDX-License-Identifier: Apache-2.0
"""What `dv` says to somebody who gave it something it cannot use."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.cli.parser import parse, run

ADDRESS = "0x71C7656EC7ab88b098defB751B7401B5f6d8976F"


def told(capsys: pytest.CaptureFixture[str], data: Path, *words: str) -> str:
    """What the command says; it must end with 1."""
    assert run(parse(["--data", str(data), "dv", *words])) == 1
    said = capsys.readouterr()
    return said.out + said.err


@pytest.mark.parametrize("act", ["enr", "wait", "dkg", "run"])
def test_without_a_validator_it_says_how_to_make_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, act: str
) -> None:
    said = told(capsys, tmp_path / "data", act)
    assert "There is no distributed validator on this computer yet." in said
    assert "dv enr --operator-address" in said


def test_of_several_it_wants_to_know_which(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("one", "two"):
        words = ("dv", "enr", "--operator-address", ADDRESS, "--name", name)
        assert run(parse(["--data", str(tmp_path / "data"), *words])) == 0
    said = told(capsys, tmp_path / "data", "wait")
    assert "There are 2 distributed validators" in said and "--cluster: one, two" in said


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("charon = 5", "It holds no settings."),
        ("[charon", "Expected"),
        ('[validatorClient]\nkind = "geth"', "'lighthouse', 'teku', 'nimbus', 'prysm'"),
        (None, "No such file or directory."),
    ],
)
def test_settings_that_cannot_be_are_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str | None, why: str
) -> None:
    file = tmp_path / "settings.toml"
    if content is not None:
        file.write_text(content)
    said = told(
        capsys, tmp_path / "data", "enr", "--operator-address", ADDRESS, "--settings", str(file)
    )
    assert why in said and "Errno" not in said


def test_an_address_that_is_none_is_told_in_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = told(capsys, tmp_path / "data", "enr", "--operator-address", "0x71")
    assert "It is not 0x and 40 digits or letters from a to f." in said


def test_a_definition_file_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    assert run(parse(["--data", str(data), "dv", "enr", "--operator-address", ADDRESS])) == 0
    said = told(capsys, data, "dkg", "--definition-file", str(tmp_path / "nowhere.json"))
    assert "nowhere.json: No such file or directory" in said
