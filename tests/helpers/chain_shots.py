# SPDX-License-Identifier: Apache-2.0
"""Brings the dialog of a validator's transactions to its stages: form, review, done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QApplication, QPushButton

from desktop.acts import NodeActs
from desktop.pages.registration import RegistrationDialog
from node_manager.figures import Figure
from node_manager.state import NodeStatus
from tests.helpers import chain_samples as chain
from tests.helpers import samples
from tests.helpers.wizard import settle_for


def unregistered() -> NodeStatus:
    """In step, backed up, and not registered yet."""
    status = samples.backed_up()
    no = Figure(False, "chain", status.chain.registered.at, 15)
    return replace(status, chain=replace(status.chain, registered=no))


def _dialog(window: Any, kind: Any, operating: Any) -> RegistrationDialog:
    engine = window.context.engine
    engine.known_operating = operating
    engine.draft = chain.draft(chain.create(), operating)
    engine.included = chain.INCLUDED
    [status] = window.context.adapter.statuses.values()
    NodeActs(window.context, window).change_on_chain(status, kind)
    settle_for(0.3)
    shown = QApplication.activeModalWidget()
    if not isinstance(shown, RegistrationDialog):
        raise AssertionError("the dialog is not shown")
    return shown


def local_form(window: Any) -> None:
    """One button on the local network."""
    _dialog(window, "create-validator", chain.operating(local=True, wallet=""))


def wrong(window: Any) -> None:
    """Values that the chain refuses."""
    shown = _dialog(window, "create-validator", chain.operating())
    if shown.form is None:
        raise AssertionError("no form")
    shown.form.fields["amount"].edit.setText("20001")
    shown.form.fields["commissionRate"].edit.setText("4")
    shown.go_on.click()
    settle_for(0.2)


def review(window: Any) -> None:
    """What is to be signed."""
    shown = _dialog(window, "create-validator", chain.operating())
    if shown.form is None:
        raise AssertionError("no form")
    shown.form.fields["amount"].edit.setText("1000")
    shown.go_on.click()
    settle_for(0.3)


def edit(window: Any) -> None:
    """The profile of a validator."""
    _dialog(window, "edit-validator", chain.operating(found=chain.validator()))


def done(window: Any) -> None:
    """Registered."""
    shown = _dialog(
        window, "create-validator", chain.operating(local=True, found=chain.validator())
    )
    for one in shown.findChildren(QPushButton):
        if one is shown.go_on:
            one.click()
    settle_for(0.3)
