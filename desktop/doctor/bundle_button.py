# SPDX-License-Identifier: Apache-2.0
"""The button that gathers a support bundle and shows it before it is saved."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QPushButton, QWidget

from desktop.components.dress import button
from desktop.components.trouble_bar import TroubleCard
from desktop.context import Context
from desktop.words.translation import tr
from node_manager.explanation import Explanation


def bundle_button(context: Context, page: QWidget, trouble: TroubleCard) -> QPushButton:
    """A button on `page`; what fails is told in `trouble`."""

    def ask() -> None:
        result.setEnabled(False)
        answer = context.engine.support_bundle()
        context.adapter.when(answer, result, gathered, refused)

    def gathered(bundle: Any) -> None:
        from desktop.doctor.bundle_dialog import BundleDialog

        result.setEnabled(True)
        BundleDialog(page, bundle).open()

    def refused(reason: Explanation) -> None:
        result.setEnabled(True)
        trouble.explain(reason)

    result = button(tr("Support bundle…"), ask)
    return result
