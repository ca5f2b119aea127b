# SPDX-License-Identifier: Apache-2.0
"""Everything that can be seen has its pictures, or a reason why it has none."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog

import desktop
from desktop.components.interim import Interim
from desktop.pages.page import Page
from desktop.pages.registry import dv_page_specs, page_specs
from desktop.wizard.step import Step
from tests.helpers.shots.shot import State
from tests.helpers.shots.table import SUBJECTS
from tests.shots import SIZES, chosen, table, take_all

SHOWN = {subject.shows for subject in SUBJECTS}
BASES = {"Dialog", "KeyDialog", "BackupForm", "ProveForm", "DvPage", "FactsStep"}
"""What is never shown itself."""


def below(*classes: type) -> Iterable[type]:
    for one in classes:
        for sub in one.__subclasses__():
            yield sub
            yield from below(sub)


def test_each_page_of_the_sidebar_has_pictures() -> None:
    assert {spec.place.partition(":")[2] for spec in (*page_specs(), *dv_page_specs())} <= SHOWN


def test_each_page_dialog_and_step_of_the_product_has_pictures() -> None:
    for module in pkgutil.walk_packages(desktop.__path__, "desktop."):
        import_module(module.name)
    found = {
        one.__name__
        for one in (Interim, *below(Page, QDialog, Step, Interim))
        if one.__module__.startswith("desktop.")
    }
    assert found - BASES - SHOWN == set()
    assert len(found) > 30


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_each_state_has_a_picture_or_a_reason(subject) -> None:  # type: ignore[no-untyped-def]
    assert list(subject.states) == list(State)
    assert subject.shots()
    reasons = [told for told in subject.states.values() if isinstance(told, str)]
    assert all(len(reason) > 10 for reason in reasons)


def test_the_names_of_the_pictures_are_their_own() -> None:
    names = [f"{subject.name}-{state}" for subject in SUBJECTS for state in subject.shots()]
    assert len(set(names)) == len(names)
    assert len([*table()]) == len(names) + sum(
        isinstance(told, str) for subject in SUBJECTS for told in subject.states.values()
    )


def test_pictures_are_written_as_they_are_asked_for(
    qapp: QApplication, look: None, tmp_path: Path
) -> None:
    asked = [str(tmp_path), "overview", "--state", "failed", "--look", "dark"]
    _given, wanted = chosen(asked)
    names = {file.name for file in take_all(wanted, tmp_path)}
    assert names == {
        f"overview-failed-dark-{size}-{language}.png"
        for size in ("usual", "small")
        for language in ("en", "de")
    }
    english, german = (
        QImage(str(tmp_path / f"overview-failed-dark-usual-{one}.png")) for one in ("en", "de")
    )
    assert english.size() == SIZES["usual"]
    assert english != german
    assert english.pixelColor(600, 5).lightness() < 60


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        chosen(["somewhere", "no-such-page"])
    assert "no-such-page" in capsys.readouterr().err
