# SPDX-License-Identifier: Apache-2.0
"""Settings survive, say what is wrong with them, and keep a person's comments."""

from __future__ import annotations

from pathlib import Path

import pytest

from node_manager.settings import Settings, SettingsUnreadable, load, save


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    settings = load(tmp_path / "settings.toml")
    assert settings.bridge.port == 15000
    assert settings.heartbeat.seconds == 30


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    settings = Settings()
    settings.window.appearance = "dark"
    settings.bridge.origins = ["https://portal.example"]
    save(file, settings)
    assert load(file) == settings


def test_a_comment_and_an_unknown_key_survive_a_change(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('# mine\nversion = 1\n[window]\nappearance = "light" # bright\nnovel = 3\n')
    settings = load(file)
    settings.window.on_quit = "leave"
    save(file, settings)
    text = file.read_text()
    assert "# mine" in text
    assert "# bright" in text
    assert "novel = 3" in text
    assert load(file).window.on_quit == "leave"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[bridge]\nport = "many"\n', "bridge.port"),
        ("[heartbeat]\nseconds = 0\n", "heartbeat.seconds"),
        ("not toml at all", ""),
    ],
)
def test_a_damaged_file_is_refused_by_name_and_left_alone(
    tmp_path: Path, text: str, named: str
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(SettingsUnreadable) as caught:
        load(file)
    assert named in str(caught.value)
    assert file.read_text() == text
