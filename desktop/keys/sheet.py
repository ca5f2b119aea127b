# SPDX-License-Identifier: Apache-2.0
"""The sheet to lay beside a backup, saved as a page for the browser to print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.engine.adapter import explanation_of
from desktop.words.translation import tr

if TYPE_CHECKING:
    from desktop.context import Context


def save_sheet(context: Context, backup: str, parent: QWidget) -> None:
    """Ask where to, write the sheet there and open it; it holds no secret."""
    suggested = str(Path(backup).with_suffix(".html"))
    chosen, _kind = QFileDialog.getSaveFileName(
        parent, tr("Sheet to print"), suggested, tr("Web page (*.html)")
    )
    if chosen:
        write_sheet(context, Path(backup), Path(chosen), parent)


def write_sheet(context: Context, backup: Path, target: Path, parent: QWidget) -> None:
    """Write the sheet of `backup` to `target` and open it."""

    def written(page: str) -> None:
        try:
            target.write_text(page, encoding="utf-8")
        except OSError as error:
            context.adapter.trouble.emit(explanation_of(error))
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(target)))

    context.adapter.when(context.engine.sheet(backup), parent, written)
