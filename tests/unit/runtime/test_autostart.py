# SPDX-License-Identifier: Apache-2.0
"""What each system reads to start the app with the session."""

from __future__ import annotations

import plistlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.runtime.errors import AutostartNotChanged
from node_manager.runtime.platform.autostart import (
    Autostart,
    AutostartFile,
    desktop_entry,
    disable,
    enable,
    launch_agent,
    registry_run,
    systemd_unit,
)
from tests.unit.runtime.registry import Registry

HOME = Path("/home/person")
ARGV = ["/opt/One Click/oneclick-validator", "window", "--data", "/data/50% $full"]


def exec_line(argv: list[str]) -> str:
    lines = desktop_entry(argv, {}, HOME).content.split("\n")
    (line,) = (line for line in lines if line.startswith("Exec="))
    return line.removeprefix("Exec=")


def read_exec(line: str) -> list[str]:
    """The arguments of an Exec key: escapes of a string value, then quotes, then `%%`."""
    escapes = {"\\": "\\", "n": "\n", "t": "\t"}
    value = re.sub(r"\\(.)", lambda found: escapes[found[1]], line)
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|([^ ]+)', value, re.DOTALL)
    return [
        (plain or re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)).replace("%%", "%")
        for quoted, plain in words
    ]


def test_the_desktop_entry_lies_where_the_session_looks() -> None:
    entry = desktop_entry(ARGV, {}, HOME)
    assert entry.path == HOME / ".config/autostart/oneclick-validator.desktop"
    moved = desktop_entry(ARGV, {"XDG_CONFIG_HOME": "/config"}, HOME)
    assert moved.path == Path("/config/autostart/oneclick-validator.desktop")
    assert entry.content.startswith("[Desktop Entry]\nType=Application\n")


def test_plain_arguments_stay_plain() -> None:
    assert exec_line(["/usr/bin/oneclick-validator", "window"]) == (
        "/usr/bin/oneclick-validator window"
    )


def test_the_exec_key_keeps_every_argument() -> None:
    assert read_exec(exec_line(ARGV)) == ARGV


@given(
    st.lists(st.text(st.characters(codec="ascii", exclude_characters="\0\r"), max_size=12)).map(
        lambda words: ["/opt/app", *words]
    )
)
def test_the_exec_key_keeps_any_argument(argv: list[str]) -> None:
    assert read_exec(exec_line(argv)) == argv


def test_the_launch_agent_starts_at_login_and_leaves_validators_alone() -> None:
    agent = launch_agent(ARGV, HOME)
    assert agent.path == HOME / "Library/LaunchAgents/org.oneclick-validator.plist"
    content = plistlib.loads(agent.content.encode())
    assert content["ProgramArguments"] == ARGV
    assert content["RunAtLoad"] is True
    assert content["AbandonProcessGroup"] is True
    assert "KeepAlive" not in content, "a person who quits wants it to stay ended"


def test_the_run_key_quotes_the_program() -> None:
    value = registry_run([r"C:\Program Files\One Click\oneclick-validator.exe", "window"])
    assert value.key == r"Software\Microsoft\Windows\CurrentVersion\Run"
    assert value.value == r'"C:\Program Files\One Click\oneclick-validator.exe" window'


def test_the_unit_ends_the_app_and_not_its_validators() -> None:
    unit = systemd_unit(["/opt/a b/app", "up", "--headless", "50%", "$x"], {}, HOME)
    assert unit.path == HOME / ".config/systemd/user/oneclick-validator.service"
    lines = unit.content.splitlines()
    assert 'ExecStart="/opt/a b/app" "up" "--headless" "50%%" "$$x"' in lines
    assert "KillMode=process" in lines
    assert "WantedBy=default.target" in lines


def test_it_is_switched_on_and_off(tmp_path: Path) -> None:
    autostart = Autostart(ARGV, home=tmp_path, environment={}, system="linux")
    assert not autostart.enabled()
    autostart.enable()
    assert autostart.enabled()
    moved = Autostart(["/new/place", "window"], home=tmp_path, environment={}, system="linux")
    assert not moved.enabled(), "an entry that starts another program does not count"
    autostart.disable()
    autostart.disable()
    assert not autostart.enabled()


def test_on_macos_it_is_a_file_too(tmp_path: Path) -> None:
    autostart = Autostart(ARGV, home=tmp_path, environment={}, system="darwin")
    autostart.enable()
    assert (tmp_path / "Library/LaunchAgents/org.oneclick-validator.plist").is_file()


def test_on_windows_it_is_a_value(tmp_path: Path) -> None:
    registry = Registry()
    autostart = Autostart(ARGV, home=tmp_path, system="win32", registry=registry)
    autostart.enable()
    assert autostart.enabled()
    autostart.disable()
    assert registry.values == {}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / ".config").write_text("a file where the folder should be")
    autostart = Autostart(ARGV, home=tmp_path, environment={}, system="linux")
    with pytest.raises(AutostartNotChanged, match="autostart"):
        autostart.enable()


def test_a_command_that_fails_is_told(tmp_path: Path) -> None:
    entry = AutostartFile(tmp_path / "x.service", "content", (("false",),))
    with pytest.raises(AutostartNotChanged):
        enable(entry)
    disable(entry)
    assert not entry.path.exists()
