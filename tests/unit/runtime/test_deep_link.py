# SPDX-License-Identifier: Apache-2.0
"""Links of the app's own scheme open the app."""

from __future__ import annotations

import configparser
from pathlib import Path

from node_manager.runtime.platform.deep_link import DeepLinks
from tests.unit.runtime.registry import Registry

ARGV = ["/opt/One Click/oneclick-validator"]


def test_the_entry_names_the_scheme_and_takes_the_link(tmp_path: Path) -> None:
    links = DeepLinks(ARGV, home=tmp_path, environment={}, system="linux")
    assert links.register()
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.read(tmp_path / ".local" / "share" / "applications" / "oneclick-validator.desktop")
    entry = parsed["Desktop Entry"]
    assert entry["MimeType"] == "x-scheme-handler/oneclick-validator;"
    assert entry["Exec"] == '"/opt/One Click/oneclick-validator" %u'


def test_a_second_time_changes_nothing_and_another_program_does(tmp_path: Path) -> None:
    assert DeepLinks(ARGV, home=tmp_path, environment={}, system="linux").register()
    assert not DeepLinks(ARGV, home=tmp_path, environment={}, system="linux").register()
    assert DeepLinks(["/other"], home=tmp_path, environment={}, system="linux").register()


def test_windows_gets_its_keys(tmp_path: Path) -> None:
    registry = Registry()
    assert DeepLinks(ARGV, home=tmp_path, system="win32", registry=registry).register()
    command = registry.values[r"Software\Classes\oneclick-validator\shell\open\command", ""]
    assert command == '"/opt/One Click/oneclick-validator" "%1"'
    assert (r"Software\Classes\oneclick-validator", "URL Protocol") in registry.values
    assert not DeepLinks(ARGV, home=tmp_path, system="win32", registry=registry).register()


def test_macos_is_left_to_the_bundle(tmp_path: Path) -> None:
    assert not DeepLinks(ARGV, home=tmp_path, system="darwin").register()
    assert list(tmp_path.iterdir()) == []
