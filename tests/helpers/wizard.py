# SPDX-License-Identifier: Apache-2.0
"""Brings the wizard to a step, as a person would."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QPushButton

from desktop.pages.first_run import FirstRun
from desktop.window import MainWindow

NETWORK = "omniphi-testnet-2"
PASSPHRASE = "seven herons over a quiet harbour"


def open_wizard(window: MainWindow) -> FirstRun:
    """The wizard that the window shows."""
    settle()
    shown = window.outer.currentWidget()
    if not isinstance(shown, FirstRun):
        raise AssertionError("the window does not show the first run")
    return shown


def settle() -> None:
    """Let queued answers arrive, and let go of what is to be deleted.

    Outside of `exec` Qt keeps that: a later change of the theme would dress thousands of widgets.
    """
    for _turn in range(8):
        QApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def settle_for(seconds: float) -> None:
    """Let threads work and their answers arrive."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        QApplication.processEvents()
        time.sleep(0.01)


def network(window: MainWindow) -> FirstRun:
    """Choose a network."""
    wizard = open_wizard(window)
    wizard.network.pick(NETWORK)
    return wizard


def name(window: MainWindow) -> FirstRun:
    """Name the validator and answer what is asked."""
    wizard = network(window)
    wizard.go_on.click()
    settle()
    wizard.name.moniker.setText("my-validator")
    for edit in wizard.name.answers.values():
        edit.setText("sha256:" + "9f" * 32)
    settle()
    return wizard


def key(window: MainWindow) -> FirstRun:
    """Come to the key and choose a passphrase."""
    wizard = name(window)
    wizard.go_on.click()
    settle()
    wizard.key.by_passphrase.click()
    wizard.key.passphrase.first.setText(PASSPHRASE)
    wizard.key.passphrase.second.setText(PASSPHRASE)
    wizard.key.passphrase.judge()
    settle()
    return wizard


def summary(window: MainWindow) -> FirstRun:
    """Come to the summary."""
    wizard = key(window)
    wizard.go_on.click()
    settle()
    return wizard


def progress(window: MainWindow) -> FirstRun:
    """Show the progress of the node there is."""
    status = next(iter(window.context.adapter.statuses.values()))
    window.resume_first_run(status)
    settle()
    return open_wizard(window)


def backup_dialog(window: MainWindow) -> None:
    """Open the dialog of the backup."""
    settle()
    window.context.wishes.backup.emit(next(iter(window.context.adapter.statuses)))
    settle()


def stop_question(window: MainWindow) -> None:
    """Press Stop."""
    settle()
    for one in window.page("overview").findChildren(QPushButton):
        if one.text() == "Stop…":
            one.click()
    settle()
