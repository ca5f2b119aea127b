# SPDX-License-Identifier: Apache-2.0
"""Folders can be chosen, and a node's name cannot lead out of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from node_manager.layout import Layout


def test_a_chosen_folder_wins_over_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONECLICK_DATA", str(tmp_path / "environment"))
    assert Layout.of_this_user(tmp_path / "chosen").data == tmp_path / "chosen"
    assert Layout.of_this_user().data == tmp_path / "environment"


def test_naming_paths_creates_nothing(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "data", tmp_path / "cache")
    assert layout.node("localnet").key.name == "key.json"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "A", "-a", "a" * 65, "a\n"])
def test_a_name_that_this_app_does_not_give_is_refused(layout: Layout, name: str) -> None:
    with pytest.raises(ValueError, match="not a node id"):
        layout.node(name)
