# SPDX-License-Identifier: Apache-2.0
"""The steps of a first run: glyph, name, result, duration. Only the current or failed one opens."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.components.bars import Bar
from desktop.components.dress import Card, column, label, put, row, rule
from desktop.components.error_panel import ErrorPanel
from desktop.components.flow import flow
from desktop.components.folded import Folded
from desktop.components.glyph_label import GlyphLabel
from desktop.look.glyphs import Glyph
from desktop.look.theme import font, theme
from desktop.look.tokens import Size
from desktop.words import wording
from desktop.words.sentences import step_name, wants_file
from desktop.words.translation import engine_words, tr
from node_manager.explanation import Explanation
from node_manager.state import Step, StepProgress, StepState

NAME_WIDTH = 104

_GLYPHS = {
    StepState.WAITING: Glyph.COMING,
    StepState.WORKING: Glyph.BUSY,
    StepState.DONE: Glyph.GOOD,
    StepState.FAILED: Glyph.BAD,
}


class StepRow(QWidget):
    """One step.

    Signals:
        again_asked: the person wants to try again.
        file_asked: the person has the file that was not downloaded.
    """

    again_asked = Signal()
    file_asked = Signal()

    def __init__(self, step: Step) -> None:
        super().__init__()
        self.step = step
        self.glyph = GlyphLabel(Glyph.COMING, 16)
        self._name = label(step_name(step), "heading")
        self._note = Folded("", "second")
        self._took = label("", "source")
        self.bar = Bar(10, tr("Progress of the step {name}").format(name=step_name(step)))
        self._measure, self._left = label("", "note"), label("", "note")
        self._progress = QWidget()
        measures = flow(self._measure, None, self._left)
        self._progress.setLayout(column(6, self.bar, 4, measures, gap=0))
        self.trouble = ErrorPanel()
        again = tr("Download again") if step in (Step.DOWNLOAD, Step.VERIFY) else tr("Try again")
        self.trouble.add_way(again, self.again_asked.emit, primary=True, symbol="again")
        self.use_file = self.trouble.add_way(tr("Use a file I have…"), self.file_asked.emit)
        self._reason: Explanation | None = None
        self._edge = QFrame()
        self._edge.setFixedWidth(3)
        self._name.setFixedWidth(_name_width())
        head = row(self.glyph, 2, self._name, 4, self._note, self._took, gap=8)
        head.setStretch(4, 1)
        body = QVBoxLayout()
        body.setContentsMargins(16, 12, 18, 12)
        body.setSpacing(8)
        body.addLayout(head)
        inner = row(26, column(self._progress, self.trouble), gap=0)
        body.addLayout(inner)
        self.setLayout(row(self._edge, body, gap=0))
        self.setMinimumHeight(44)

    def show_progress(self, progress: StepProgress, waits_for: str) -> None:
        """Show how far it is; `waits_for` names the step before it that is not done."""
        state = progress.state
        self.glyph.show_glyph(_GLYPHS[state])
        put(self._name, "kind", "name" if state is StepState.WAITING else "heading")
        note = engine_words(progress.note)
        if state is StepState.WAITING:
            note = tr("waits for {name}").format(name=waits_for) if waits_for else ""
        elif state is StepState.FAILED:
            note = tr("failed")  # what happened stands below
        elif state is StepState.WORKING and progress.done is not None and progress.total:
            note = self._counted(progress)
        self._note.setText(note)
        tones = {StepState.FAILED: "bad", StepState.WAITING: "t3", StepState.WORKING: "t1"}
        put(self._note, "tone", tones.get(state, ""))
        self._took.setText("" if progress.took is None else _took(progress.took))
        self._show_measures(progress)
        self._show_reason(progress.reason if state is StepState.FAILED else None)
        put(self._edge, "kind", "bad-edge" if state is StepState.FAILED else "")
        self.setAccessibleName(f"{self._name.text()}: {self.glyph.accessibleName()}, {note}")

    def refuse(self, refusal: Explanation) -> None:
        """Say why a way out was none, until the step itself has another trouble."""
        self.trouble.explain(refusal)

    def _show_reason(self, reason: Explanation | None) -> None:
        if reason == self._reason and self.trouble.explained:
            return
        self._reason = reason
        self.trouble.explain(reason)
        self.use_file.setVisible(reason is not None and wants_file(reason))

    def _counted(self, progress: StepProgress) -> str:
        done, total = progress.done or 0, progress.total or 0
        if self.step is Step.SYNC:
            return tr("{done} of {total} blocks").format(
                done=wording.number(done), total=wording.number(total)
            )
        text = tr("{done} of {total}").format(done=wording.size(done), total=wording.size(total))
        return f"{engine_words(progress.note)}, {text}" if progress.note else text

    def _show_measures(self, progress: StepProgress) -> None:
        counted = progress.state is StepState.WORKING and progress.done is not None
        share = None
        if counted and progress.total:
            share = (progress.done or 0) / progress.total
        self._progress.setVisible(share is not None)
        self.bar.show_share(share)
        parts = [] if share is None else [wording.percent(share)]
        if progress.rate is not None:
            parts.append(
                tr("{rate} blocks/s").format(rate=wording.decimal(progress.rate, 0))
                if self.step is Step.SYNC
                else tr("{rate}/s").format(rate=wording.size(progress.rate))
            )
        self._measure.setText("  ·  ".join(parts))
        left = progress.seconds_left
        self._left.setText(
            tr("time left unknown")
            if left is None
            else tr("about {time} left").format(time=wording.duration(left))
        )


class StepList(Card):
    """All steps in a card.

    Signals:
        again_asked: the person wants to try the failed step again.
        file_asked: the person has the file that the failed step did not download.
    """

    again_asked = Signal()
    file_asked = Signal()

    def __init__(self) -> None:
        super().__init__(margins=(1, 1, 1, 1), gap=0)
        self.rows: dict[Step, StepRow] = {}
        for step in Step:
            if self.rows:
                self.body.addWidget(rule())
            step_row = StepRow(step)
            step_row.again_asked.connect(self.again_asked)
            step_row.file_asked.connect(self.file_asked)
            self.rows[step] = step_row
            self.body.addWidget(step_row)
        self.setAccessibleName(tr("Steps"))

    @property
    def failed(self) -> StepRow | None:
        """The step that failed."""
        return next((one for one in self.rows.values() if one.trouble.explained), None)

    def show_steps(self, steps: tuple[StepProgress, ...]) -> None:
        """Show the progress of each step; one that is not told yet waits."""
        told = {progress.step: progress for progress in steps}
        waits_for = ""
        for step, step_row in self.rows.items():
            progress = told.get(step, StepProgress(step))
            step_row.show_progress(progress, waits_for)
            if progress.state is not StepState.DONE and not waits_for:
                waits_for = step_name(step)


def _name_width() -> int:
    """Of the longest name; they stand in one column."""
    metrics = QFontMetrics(font(Size.BODY, 600))
    widest = max(metrics.horizontalAdvance(step_name(step)) for step in Step)
    return max(theme().px(NAME_WIDTH), widest + 4)


def _took(seconds: float) -> str:
    if seconds < 10:
        digits = 1 if seconds < 1 else 0
        return tr("{number} s").format(number=wording.decimal(seconds, digits))
    return wording.duration(seconds, exact=True)
