# SPDX-License-Identifier: Apache-2.0
"""A distributed validator in the window: set up, waited for, confirmed, run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.components.ask import Ask
from desktop.look.glyphs import Glyph
from desktop.obol.backup_dialog import DvBackupDialog
from desktop.obol.images_card import image_line
from desktop.obol.settings_dialog import DvDefinitionDialog, DvSettingsDialog
from desktop.pages.first_run import FirstRun
from desktop.pages.obol import ObolPage
from desktop.pages.obol_doctor import ObolDoctorPage
from desktop.validators import identity
from desktop.window import MainWindow
from node_manager.checks.result import CheckResult, CheckState, Mend, good
from node_manager.explanation import Explanation
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.obol.clients.errors import RecordNotCarried
from node_manager.obol.errors import EnrKeyMissing
from node_manager.obol.events import DvChanged, DvRemoved
from node_manager.obol.settings import read_settings
from node_manager.obol.status import DvStatus, ImageRow
from tests.gui.conftest import Opened
from tests.helpers import dv_samples, samples
from tests.helpers.fake_engine import FakeEngine
from tests.helpers.wizard import PASSPHRASE

LEFT = Qt.MouseButton.LeftButton


def shown(open_window: Opened, status: DvStatus) -> tuple[MainWindow, FakeEngine, ObolPage]:
    """The window on a computer whose only validator is this one."""
    engine = FakeEngine()
    engine.clusters[status.cluster_id] = status
    window = open_window(engine)
    page = window.stack.currentWidget()
    assert isinstance(page, ObolPage)
    return window, engine, page


def press(page: ObolPage, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.sentence._button, LEFT)


def test_the_list_names_it_with_its_state_beside_a_chains_validator(
    open_window: Opened, qtbot: QtBot
) -> None:
    engine = FakeEngine([samples.signing()])
    window = open_window(engine)
    engine.publish(DvChanged(dv_samples.ceremony()))
    model = window.sidebar.nodes.nodes
    qtbot.waitUntil(lambda: model.rowCount() == 2)
    told = model.data(model.index(1), Qt.ItemDataRole.ToolTipRole)
    assert told == "Obol cluster: waiting for DKG · hoodi"
    window.show_node(identity(dv_samples.ceremony()))
    assert isinstance(window.stack.currentWidget(), ObolPage)
    window.show_node(samples.signing().node_id)
    assert not isinstance(window.stack.currentWidget(), ObolPage)


def test_waiting_shows_the_enr_to_copy_and_to_scan(open_window: Opened, qtbot: QtBot) -> None:
    _window, _engine, page = shown(open_window, dv_samples.base())
    assert page.sentence.accessibleName().startswith("Waiting for an invitation.")
    press(page, qtbot)
    assert QApplication.clipboard().text() == dv_samples.ENR
    assert page.enr.qr.text == dv_samples.ENR
    assert page.invites.isVisible()


def test_an_invitation_says_who_is_missing_and_what(open_window: Opened, qtbot: QtBot) -> None:
    _window, engine, page = shown(open_window, dv_samples.invited())
    assert "Waiting for one operator. 3 of 4 have signed." in page.sentence.accessibleName()
    [(glyph, _words, missing)] = page.invites.lines
    assert glyph is Glyph.WAITING
    assert "0x8d52…41Fe misses the ENR" in missing
    qtbot.mouseClick(page.invites.ask_now, LEFT)
    assert ("dv ask", "obol-cluster") in engine.asked
    press(page, qtbot)
    assert "0x8d52…41Fe" in QApplication.clipboard().text()


def test_a_wrong_signature_is_named_and_nothing_is_offered_to_go_on(open_window: Opened) -> None:
    _window, _engine, page = shown(open_window, dv_samples.refused())
    assert page.sentence.accessibleName().startswith(
        "The cluster is refused: Signature of the ENR by operator 2."
    )
    assert any(glyph is Glyph.BAD for glyph, _words, _reason in page.checks.lines)
    assert not page.confirm.isVisible()
    assert page.path.path.stops[2].glyph is Glyph.BAD


def test_the_ceremony_begins_only_after_the_addresses_were_compared(
    open_window: Opened, qtbot: QtBot
) -> None:
    status = dv_samples.to_confirm()
    _window, engine, page = shown(open_window, status)
    assert page.confirm.isVisible()
    qtbot.mouseClick(page.confirm.begin, LEFT)
    assert not engine.asked
    page.confirm.compared.click()
    qtbot.mouseClick(page.confirm.begin, LEFT)
    assert status.cluster is not None
    assert engine.asked == [("dv confirm", "obol-cluster", status.cluster.definition_hash)]


def test_another_definition_takes_the_persons_word_back(open_window: Opened, qtbot: QtBot) -> None:
    from dataclasses import replace

    status = dv_samples.to_confirm()
    _window, engine, page = shown(open_window, status)
    page.confirm.compared.click()
    assert status.cluster is not None
    other = replace(status.cluster, definition_hash="0x" + "66" * 32)
    engine.publish(DvChanged(replace(status, cluster=other)))
    qtbot.waitUntil(lambda: not page.confirm.compared.isChecked())
    assert not page.confirm.begin.isEnabled()


def test_the_ceremony_shows_who_is_connected(open_window: Opened) -> None:
    _window, _engine, page = shown(open_window, dv_samples.ceremony())
    assert "3 of 4 connected." in page.sentence.accessibleName()
    connected = [cells[2].text for cells in page.operators.table[1:]]
    assert connected == ["this computer", "yes", "yes", "not yet"]
    assert [stop.glyph for stop in page.path.path.stops] == [
        Glyph.GOOD,
        Glyph.GOOD,
        Glyph.GOOD,
        Glyph.WAITING,
        Glyph.COMING,
    ]


def test_running_tells_duties_and_what_charon_does_not_report_is_unknown(
    open_window: Opened, qtbot: QtBot
) -> None:
    _window, engine, page = shown(open_window, dv_samples.running())
    assert "1,204 duties done, none failed" in page.sentence.accessibleName()
    engine.publish(DvChanged(dv_samples.troubled()))
    qtbot.waitUntil(lambda: page.alerts.isVisible())
    gone, far = page.operators.table[4], page.operators.table[3]
    assert [cell.text for cell in gone[2:]] == ["unknown"] * 4
    assert far[4].text == "+2.4 s, too far"
    assert page.failed.lines[0][1] == "3 × attester"


def test_figures_that_are_too_old_are_no_longer_a_good_state(open_window: Opened) -> None:
    from dataclasses import replace

    from node_manager.figures import Figure

    status = dv_samples.running()
    old = replace(status.figures, ready=Figure(True, "charon", 1_000_000.0, 4.0))
    _window, _engine, page = shown(open_window, replace(status, figures=old))
    assert page.sentence.accessibleName().startswith("State unknown: charon has not answered for")


def test_a_key_without_a_backup_is_the_next_thing(
    open_window: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    window, engine, page = shown(open_window, dv_samples.without_backup())
    press(page, qtbot)
    dialog = window.findChild(DvBackupDialog)
    assert dialog is not None
    dialog.file.edit.setText(str(tmp_path / "enr.ocvbackup"))
    dialog.passphrase.first.setText(PASSPHRASE)
    dialog.passphrase.second.setText(PASSPHRASE)
    dialog.passphrase.judge()
    qtbot.mouseClick(dialog.go_on, LEFT)
    expected = (
        "dv back up",
        "obol-cluster",
        tmp_path / "enr.ocvbackup",
        PASSPHRASE.encode(),
        False,
    )
    qtbot.waitUntil(lambda: expected in engine.asked)


def test_stopping_says_what_it_costs_the_others(open_window: Opened, qtbot: QtBot) -> None:
    window, engine, page = shown(open_window, dv_samples.running())
    qtbot.mouseClick(page.toggle, LEFT)
    ask = window.findChild(Ask)
    assert ask is not None
    assert "no more than 1 of its 4 nodes" in ask.accessibleDescription()
    qtbot.mouseClick(ask.yes_button, LEFT)
    assert ("dv stop", "obol-cluster") in engine.asked


def test_the_last_one_removed_leads_back_to_the_first_run(
    open_window: Opened, qtbot: QtBot
) -> None:
    window, engine, _page = shown(open_window, dv_samples.stopped())
    engine.clusters.clear()
    engine.publish(DvRemoved("obol-cluster"))
    qtbot.waitUntil(lambda: isinstance(window.outer.currentWidget(), FirstRun))


@pytest.mark.parametrize("page", ["charts", "logs", "keys", "settings"])
def test_its_other_pages_open(open_window: Opened, page: str) -> None:
    window, _engine, overview = shown(open_window, dv_samples.running())
    window.open_page(page)
    assert window.stack.currentWidget() is not overview


def test_a_page_that_it_does_not_have_leads_to_its_overview(open_window: Opened) -> None:
    window, _engine, overview = shown(open_window, dv_samples.running())
    window.open_page("network")
    assert window.stack.currentWidget() is overview


# --- the first run -----------------------------------------------------------------------


def to_summary(window: MainWindow, qtbot: QtBot, backup: Path) -> FirstRun:
    """Go the five steps as a person does."""
    wizard = window.outer.currentWidget()
    assert isinstance(wizard, FirstRun)
    qtbot.waitUntil(lambda: bool(wizard.network.dv_cards))
    qtbot.mouseClick(wizard.network.dv_cards["hoodi"], LEFT)
    assert wizard.go_on.text() == "Continue with Obol on Hoodi"
    qtbot.mouseClick(wizard.go_on, LEFT)
    wizard.operator.name.setText("Harbour 4")
    wizard.operator.address.setText("0x71C7")
    assert not wizard.go_on.isEnabled()
    wizard.operator.address.setText(dv_samples.ADDRESSES[0])
    qtbot.mouseClick(wizard.go_on, LEFT)
    wizard.beacon.urls.setPlainText("10.0.0.4:5052")
    assert not wizard.go_on.isEnabled()
    wizard.beacon.urls.setPlainText("http://10.0.0.4:5052")
    wizard.beacon.client.choose("teku")
    qtbot.mouseClick(wizard.go_on, LEFT)
    wizard.enr.file.edit.setText(str(backup))
    assert not wizard.go_on.isEnabled()
    wizard.enr.passphrase.first.setText(PASSPHRASE)
    wizard.enr.passphrase.second.setText(PASSPHRASE)
    wizard.enr.passphrase.judge()
    qtbot.mouseClick(wizard.go_on, LEFT)
    assert wizard.step is wizard.dv_summary
    return wizard


@pytest.fixture
def empty(layout: Layout) -> FakeEngine:
    return FakeEngine(profiles=Catalogue(layout).profiles())


def test_a_first_run_makes_one_with_a_backup_and_opens_it(
    open_window: Opened, qtbot: QtBot, empty: FakeEngine, tmp_path: Path
) -> None:
    window = open_window(empty)
    wizard = to_summary(window, qtbot, tmp_path / "enr.ocvbackup")
    qtbot.mouseClick(wizard.go_on, LEFT)
    qtbot.waitUntil(lambda: bool(empty.asked))
    plan = empty.asked[-1][1]
    assert plan.name == "Harbour 4"
    assert plan.settings.charon.operator_address == dv_samples.ADDRESSES[0]
    assert plan.settings.charon.beacon_node_endpoints == ("http://10.0.0.4:5052",)
    assert plan.settings.validator_client.kind == "teku"
    assert plan.backup == tmp_path / "enr.ocvbackup"
    assert plan.backup_passphrase is not None
    assert plan.ask_addresses
    empty.publish(DvChanged(dv_samples.base(cluster_id="cluster")))
    qtbot.waitUntil(lambda: isinstance(window.stack.currentWidget(), ObolPage))


def test_a_refusal_stays_with_its_reason(
    open_window: Opened, qtbot: QtBot, empty: FakeEngine, tmp_path: Path
) -> None:
    empty.failures["dv_create"] = EnrKeyMissing(path="/nowhere")
    wizard = to_summary(open_window(empty), qtbot, tmp_path / "enr.ocvbackup")
    qtbot.mouseClick(wizard.go_on, LEFT)
    qtbot.waitUntil(lambda: wizard.dv_summary.trouble.isVisible())
    assert "/nowhere" in wizard.dv_summary.trouble.report()


def test_choosing_a_chain_after_all_leads_its_own_way(
    open_window: Opened, qtbot: QtBot, empty: FakeEngine
) -> None:
    wizard = open_window(empty).outer.currentWidget()
    assert isinstance(wizard, FirstRun)
    qtbot.waitUntil(lambda: bool(wizard.network.dv_cards))
    qtbot.mouseClick(wizard.network.dv_cards["hoodi"], LEFT)
    qtbot.mouseClick(wizard.network.cards["omniphi-testnet-2"], LEFT)
    assert not wizard.network.dv_cards["hoodi"].radio.isChecked()
    qtbot.mouseClick(wizard.go_on, LEFT)
    assert wizard.step is wizard.name


def test_a_backup_is_put_back_only_when_the_person_vouches_to_be_alone(
    open_window: Opened, qtbot: QtBot, empty: FakeEngine, tmp_path: Path
) -> None:
    saved = tmp_path / "all.ocvbackup"
    saved.write_text("{}")
    wizard = open_window(empty).outer.currentWidget()
    assert isinstance(wizard, FirstRun)
    qtbot.waitUntil(lambda: bool(wizard.network.dv_cards))
    qtbot.mouseClick(wizard.network.dv_cards["hoodi"], LEFT)
    qtbot.mouseClick(wizard.go_on, LEFT)
    wizard.operator.name.setText("Harbour 4")
    wizard.operator.address.setText(dv_samples.ADDRESSES[0])
    qtbot.mouseClick(wizard.go_on, LEFT)
    wizard.beacon.urls.setPlainText("http://10.0.0.4:5052")
    qtbot.mouseClick(wizard.go_on, LEFT)
    wizard.enr.origin.choose("backup")
    wizard.enr.origin.chosen.emit("backup")
    wizard.enr.saved.edit.setText(str(saved))
    wizard.enr.words.setText(PASSPHRASE)
    assert not wizard.go_on.isEnabled()
    wizard.enr.alone.setChecked(True)
    qtbot.mouseClick(wizard.go_on, LEFT)
    assert wizard.step is wizard.dv_summary
    qtbot.mouseClick(wizard.go_on, LEFT)
    qtbot.waitUntil(lambda: bool(empty.asked))
    plan = empty.asked[-1][1]
    assert (plan.restore.file, plan.restore.alone, plan.backup) == (saved, True, None)
    assert plan.ask_addresses


# --- the doctor, settings, a definition of one's own ----------------------------------------


def test_the_doctor_shows_its_findings_and_leads_to_the_backup(
    open_window: Opened, qtbot: QtBot
) -> None:
    window, engine, _overview = shown(open_window, dv_samples.running())
    told = Explanation("no-backup", "There is no verified backup.", "Why.", "Make one.")
    engine.checks = [
        CheckResult("shares-backup", "Backup", CheckState.WARN, told, Mend.MAKE_BACKUP),
        good("enr-key", "ENR key", "The key is that of this node's ENR."),
    ]
    window.open_page("doctor")
    page = window.stack.currentWidget()
    assert isinstance(page, ObolDoctorPage)
    qtbot.waitUntil(lambda: len(page.findings.results) == 2)
    assert ("dv examine", "obol-cluster") in engine.asked
    page.findings.to_mend.asked.emit(page.findings.results[0])
    dialog = page.findChild(DvBackupDialog)
    assert dialog is not None and dialog.isVisible()


def test_a_folder_open_to_others_is_closed_by_its_button(open_window: Opened, qtbot: QtBot) -> None:
    window, engine, _overview = shown(open_window, dv_samples.running())
    told = Explanation("folder-open", "Others can look into {folder}.", "", "", {"folder": "/x"})
    engine.checks = [
        CheckResult("data-folder", "Data folder", CheckState.WARN, told, Mend.CLOSE_FOLDER)
    ]
    window.open_page("doctor")
    page = window.stack.currentWidget()
    assert isinstance(page, ObolDoctorPage)
    qtbot.waitUntil(lambda: len(page.findings.results) == 1)
    [close] = [one for one in page.findChildren(QPushButton) if one.text() == "Close it to others"]
    qtbot.mouseClick(close, LEFT)
    assert ("dv mend", "obol-cluster", Mend.CLOSE_FOLDER) in engine.asked
    qtbot.waitUntil(lambda: engine.asked.count(("dv examine", "obol-cluster")) == 2)


def test_settings_are_changed_while_it_is_stopped(open_window: Opened, qtbot: QtBot) -> None:
    _window, engine, page = shown(open_window, dv_samples.stopped())
    engine.dv_settings_now = read_settings(
        {
            "charon": {
                "operatorAddress": dv_samples.ADDRESSES[0],
                "beaconNodeEndpoints": ["http://10.0.0.4:5052"],
            }
        }
    )
    assert page._settings.isEnabled()
    page._settings.trigger()
    qtbot.waitUntil(lambda: page.findChild(DvSettingsDialog) is not None)
    dialog = page.findChild(DvSettingsDialog)
    assert dialog.beacons.toPlainText() == "http://10.0.0.4:5052"
    dialog.beacons.setPlainText("10.0.0.5:5052")
    assert not dialog.go_on.isEnabled()
    dialog.beacons.setPlainText("http://10.0.0.5:5052/\nhttp://10.0.0.6:5052")
    dialog.version.setText("v1.10.3")
    qtbot.mouseClick(dialog.go_on, LEFT)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    act, cluster_id, settings = engine.asked[-1]
    assert (act, cluster_id) == ("dv change settings", "obol-cluster")
    assert settings.charon.beacon_node_endpoints == ("http://10.0.0.5:5052", "http://10.0.0.6:5052")
    assert settings.charon.version == "v1.10.3"
    assert settings.charon.operator_address == dv_samples.ADDRESSES[0]


def settings_dialog(page: ObolPage, engine: FakeEngine, qtbot: QtBot) -> DvSettingsDialog:
    """The settings of one with Lighthouse of a place of its own."""
    engine.dv_settings_now = read_settings(
        {
            "charon": {"operatorAddress": dv_samples.ADDRESSES[0]},
            "validatorClient": {"kind": "lighthouse", "program": "/opt/lighthouse"},
        }
    )
    page._settings.trigger()
    qtbot.waitUntil(lambda: page.findChild(DvSettingsDialog) is not None)
    dialog = page.findChild(DvSettingsDialog)
    assert dialog is not None
    return dialog


def test_the_client_is_changed_with_a_word_on_its_record(open_window: Opened, qtbot: QtBot) -> None:
    _window, engine, page = shown(open_window, dv_samples.stopped())
    dialog = settings_dialog(page, engine, qtbot)
    assert dialog.client.current == "lighthouse" and not dialog.record.isVisible()
    qtbot.mouseClick(dialog.client.segment("teku"), LEFT)
    assert "Lighthouse hands over the record" in dialog.record.text()
    assert dialog.record.isVisible() and dialog.program.text() == ""
    qtbot.mouseClick(dialog.client.segment("lighthouse"), LEFT)
    assert not dialog.record.isVisible() and dialog.program.text() == "/opt/lighthouse"
    qtbot.mouseClick(dialog.client.segment("teku"), LEFT)
    qtbot.mouseClick(dialog.go_on, LEFT)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    client = engine.asked[-1][2].validator_client
    assert (client.kind, client.program) == ("teku", "")


def test_a_client_whose_record_stays_behind_is_refused_with_the_reason(
    open_window: Opened, qtbot: QtBot
) -> None:
    _window, engine, page = shown(open_window, dv_samples.stopped())
    engine.failures["dv_change_settings"] = RecordNotCarried(
        before="lighthouse", after="teku", reason="The program teku is not on this computer."
    )
    dialog = settings_dialog(page, engine, qtbot)
    qtbot.mouseClick(dialog.client.segment("teku"), LEFT)
    qtbot.mouseClick(dialog.go_on, LEFT)
    qtbot.waitUntil(lambda: dialog.trouble.isVisible())
    assert "The program teku is not on this computer." in dialog.trouble.report()
    assert dialog.isVisible() and dialog.go_on.isEnabled()


def test_settings_and_definition_stay_as_they_are_while_it_runs(open_window: Opened) -> None:
    _window, _engine, page = shown(open_window, dv_samples.running())
    assert not page._settings.isEnabled()
    assert page._settings.text() == "Settings… (stop it first)"
    assert not page._definition.isEnabled()
    assert not page._anew.isEnabled()


def test_images_of_containers_are_shown_with_their_digest_and_age(open_window: Opened) -> None:
    _window, _engine, page = shown(open_window, dv_samples.contained())
    charon, client = [
        (words.replace("\u200b", ""), more.replace("\u200b", ""))
        for _glyph, words, more in page.images.lines
    ]
    assert page.images.isVisible()
    assert charon == (
        "charon  ·  obolnetwork/charon:v1.10.3",
        f"{dv_samples.DIGESTS[0]}  ·  pinned 3 days ago",
    )
    assert client == (
        "lighthouse  ·  sigp/lighthouse:v7.1.0",
        f"{dv_samples.DIGESTS[1]}  ·  pinned at an unknown time",
    )


def test_an_image_pinned_today_tells_its_time() -> None:
    image = ImageRow("charon", "own:1", "sha256:12", 1_700_000_000.0)
    _glyph, _words, more = image_line(image, 1_700_000_060.0)
    assert re.search(r"pinned \d\d:\d\d$", more)


def test_without_containers_no_image_is_spoken_of(open_window: Opened) -> None:
    _window, _engine, page = shown(open_window, dv_samples.running())
    assert not page.images.isVisible()


def test_a_definition_file_is_given_while_the_cluster_is_waited_for(
    open_window: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    _window, engine, page = shown(open_window, dv_samples.base())
    page._definition.trigger()
    dialog = page.findChild(DvDefinitionDialog)
    assert not dialog.go_on.isEnabled()
    file = tmp_path / "cluster-definition.json"
    file.write_text("{}")
    dialog.file.edit.setText(str(file))
    qtbot.mouseClick(dialog.go_on, LEFT)
    qtbot.waitUntil(lambda: ("dv use definition", "obol-cluster", file) in engine.asked)
