# SPDX-License-Identifier: Apache-2.0
"""The rows of a log that are in sight, painted; nothing else of it is held."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame

from desktop.logview.line import Line, read_line
from desktop.logview.ruler import Ruler
from desktop.logview.search import Matcher
from desktop.look.theme import colour, font, theme
from desktop.look.tokens import Size
from desktop.words.translation import tr

if TYPE_CHECKING:
    from desktop.logview.index import Snapshot

ROW, LEFT, KEPT_LINES = 20, 14, 600
COPY_BYTES = 64 * 1024 * 1024

_LEVEL_INK = {"INF": "t2", "DBG": "t3", "WRN": "warn", "ERR": "bad"}
_GROUND = {"WRN": ("warntint", "warnfill"), "ERR": ("badtint", "badfill")}


class LogView(QAbstractScrollArea):
    """Shows snapshots of a log; keeps to its end while it follows.

    Signals:
        follow_changed: whether it follows the end.
        line_chosen: the line that has the cursor.
    """

    spoken_role = "Document"

    follow_changed = Signal(bool)
    line_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Log lines"))
        self.viewport().setAutoFillBackground(False)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.snapshot: Snapshot | None = None
        self._read: Callable[[int, int], bytes] = lambda _start, _end: b""
        self._lines: OrderedDict[int, Line] = OrderedDict()
        self._matcher: Matcher | None = None
        self._follows = True
        self._moving = False
        self._paused_at = 0
        self._cursor: int | None = None
        self._anchor: int | None = None
        self._keep: int | None = None
        self._widest = 0
        self.ruler = Ruler(self)
        self.ruler.went.connect(self.go_to_share)
        self.setViewportMargins(0, 0, self.ruler.width(), 0)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        theme().changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self._font = font(Size.SMALL, fixed=True)
        self._strong = font(Size.SMALL, 600, fixed=True)
        metrics = QFontMetricsF(self._font)
        self._row = theme().px(ROW)
        self._char = metrics.horizontalAdvance("M")
        self._base = (self._row + metrics.ascent() - metrics.descent()) / 2
        self.horizontalScrollBar().setSingleStep(round(self._char * 8))
        self.viewport().update()

    def read_by(self, read: Callable[[int, int], bytes]) -> None:
        """Show another log, read by `read(start, end)`."""
        self._read = read
        self._lines.clear()
        self.snapshot = None
        self._cursor = self._anchor = self._keep = None
        self._widest = 0
        self.follow()
        self._show()

    def take(self, snapshot: Snapshot) -> None:
        """Show what is known now."""
        before, self.snapshot = self.snapshot, snapshot
        if before is None or before.wanted != snapshot.wanted:
            self._matcher = Matcher(snapshot.wanted) if snapshot.wanted.text else None
        if before is not None and (before.level, before.wanted.only) != (
            snapshot.level,
            snapshot.wanted.only,
        ):
            self._keep = self._place(before)
        self._show()

    @property
    def follows(self) -> bool:
        """Whether it keeps to the end."""
        return self._follows

    @property
    def cursor_line(self) -> int | None:
        """The line that has the cursor."""
        return self._cursor

    @property
    def new_lines(self) -> int:
        """Lines that have come since it was paused."""
        if self._follows or self.snapshot is None:
            return 0
        return self.snapshot.count - self._paused_at

    def follow(self) -> None:
        """Go to the end and stay there."""
        self._set_following(True)
        self._show()

    def pause(self) -> None:
        """Stay where it is."""
        self._set_following(False)

    def go_to(self, line: int) -> None:
        """Put the cursor on a line and bring it into sight; following ends."""
        if self.snapshot is None:
            return
        self._set_following(False)
        row = min(self.snapshot.row_of(line), max(0, self.snapshot.shown - 1))
        first, page = self.verticalScrollBar().value(), self._page()
        if not first <= row < first + page - 1:
            self.verticalScrollBar().setValue(row - page // 2)
        self._choose(line)

    def go_to_share(self, share: float) -> None:
        """Go to the place at `share` of the whole log, from 0 to 1."""
        if self.snapshot is None or not self.snapshot.count:
            return
        line = min(self.snapshot.count - 1, int(share * self.snapshot.count))
        self._set_following(False)
        self.verticalScrollBar().setValue(self.snapshot.row_of(line) - self._page() // 2)

    def top_line(self) -> int:
        """The first line in sight."""
        return 0 if self.snapshot is None else self._place(self.snapshot)

    def selected_text(self) -> str:
        """The chosen lines as they stand in the log."""
        snapshot = self.snapshot
        if snapshot is None or self._cursor is None:
            return ""
        anchor = self._cursor if self._anchor is None else self._anchor
        first, last = sorted((snapshot.row_of(anchor), snapshot.row_of(self._cursor)))
        lines, size = [], 0
        for row in range(first, min(last + 1, snapshot.shown)):
            raw = self._read(*snapshot.span(snapshot.line_at(row)))
            size += len(raw)
            if size > COPY_BYTES:
                break
            lines.append(raw.decode("utf-8", "replace"))
        return "\n".join(lines)

    def copy(self) -> None:
        """Copy the chosen lines."""
        if text := self.selected_text():
            QApplication.clipboard().setText(text)

    def line(self, number: int) -> Line:
        """One line, read."""
        if (known := self._lines.get(number)) is not None:
            self._lines.move_to_end(number)
            return known
        assert self.snapshot is not None  # noqa: S101 (a line has a snapshot)
        start, end = self.snapshot.span(number)
        result = read_line(self._read(start, min(end, start + 64 * 1024)))
        self._lines[number] = result
        if len(self._lines) > KEPT_LINES:
            self._lines.popitem(last=False)
        return result

    def _place(self, snapshot: Snapshot) -> int:
        row = self.verticalScrollBar().value()
        return snapshot.line_at(min(row, snapshot.shown - 1)) if snapshot.shown else 0

    def _page(self) -> int:
        return max(1, self.viewport().height() // self._row)

    def _show(self) -> None:
        """Fit the scroll bar to the snapshot without taking it for the person's act."""
        bar = self.verticalScrollBar()
        shown = 0 if self.snapshot is None else self.snapshot.shown
        self._moving = True
        bar.setPageStep(self._page())
        bar.setRange(0, max(0, shown - self._page()))
        if self._follows:
            bar.setValue(bar.maximum())
        elif self._keep is not None and self.snapshot is not None:
            bar.setValue(self.snapshot.row_of(self._keep))
            self._keep = None
        self._moving = False
        self._show_ruler()
        self.viewport().update()

    def _show_ruler(self) -> None:
        if self.snapshot is None or not self.snapshot.shown:
            self.ruler.show_marks(b"", 0.0, 1.0)
            return
        count = max(1, self.snapshot.count)
        bar = self.verticalScrollBar()
        top = self._place(self.snapshot)
        last = min(bar.value() + self._page(), self.snapshot.shown) - 1
        end = self.snapshot.line_at(last) + 1 if last >= 0 else 0
        self.ruler.show_marks(self.snapshot.ruler, top / count, min(1.0, end / count))

    def _set_following(self, follows: bool) -> None:
        if follows is not self._follows:
            self._follows = follows
            self._paused_at = 0 if self.snapshot is None else self.snapshot.count
            self.follow_changed.emit(follows)

    def _on_scrolled(self, value: int) -> None:
        if not self._moving:
            self._set_following(value >= self.verticalScrollBar().maximum())
        self._show_ruler()
        self.viewport().update()

    def _choose(self, line: int, *, extend: bool = False) -> None:
        if not extend or self._anchor is None:
            self._anchor = line
        self._cursor = line
        self.line_chosen.emit(line)
        self.setAccessibleDescription(self.line(line).spoken)
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._cursor is None and (now := self.snapshot) is not None and now.shown:
            self.setAccessibleDescription(self.line(now.line_at(now.shown - 1)).spoken)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        area = self.viewport().geometry()
        self.ruler.setGeometry(area.right() + 1, area.top(), self.ruler.width(), area.height())
        self._show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), colour("surface"))
        snapshot = self.snapshot
        if snapshot is None or not snapshot.shown:
            self._paint_empty(painter)
            return
        left = LEFT - self.horizontalScrollBar().value()
        first = self.verticalScrollBar().value()
        chosen = self._chosen_rows()
        widest = self._widest
        for place in range(self._page() + 1):
            row = first + place
            if row >= snapshot.shown:
                break
            number = snapshot.line_at(row)
            columns = self._paint_row(
                painter, self.line(number), left, place * self._row, row in chosen, number
            )
            widest = max(widest, columns)
        if widest != self._widest:
            self._widest = widest
            bar = self.horizontalScrollBar()
            bar.setPageStep(self.viewport().width())
            bar.setRange(0, max(0, round(widest * self._char) + 2 * LEFT - self.viewport().width()))

    def _chosen_rows(self) -> range:
        if self._cursor is None or self.snapshot is None:
            return range(0)
        anchor = self._cursor if self._anchor is None else self._anchor
        first, last = sorted((self.snapshot.row_of(anchor), self.snapshot.row_of(self._cursor)))
        return range(first, last + 1)

    def _paint_row(
        self, painter: QPainter, line: Line, left: float, top: float, chosen: bool, number: int
    ) -> int:
        width = self.viewport().width()
        ground, edge = _GROUND.get(line.level, ("", ""))
        if chosen:
            painter.fillRect(QRectF(0, top, width, self._row), colour("sel"))
        elif ground:
            painter.fillRect(QRectF(0, top, width, self._row), colour(ground))
        if edge:
            painter.fillRect(QRectF(0, top, 3, self._row), colour(edge))
        parts = (
            (line.time, "t2" if ground else "t3", self._font),
            (line.level, _LEVEL_INK.get(line.level, "t2"), self._strong if ground else self._font),
            (line.message, "t1", self._font),
            (line.module, "t2" if ground else "t3", self._font),
            (line.fields, "t2", self._font),
        )
        text, places = "", []
        for words, ink, style in parts:
            if words:
                text += "  " if text else ""
                places.append((len(text), words, ink, style))
                text += words
        spots = self._matcher.spots(text) if self._matcher is not None else []
        visible = int((width - left) / self._char) + 2
        for start, words, ink, style in places:
            if start < visible:
                painter.setFont(style)
                painter.setPen(colour(ink))
                at = QPointF(left + start * self._char, top + self._base)
                painter.drawText(at, words[: visible - start])
        painter.setFont(self._font)
        current = number == self._cursor
        for start, length in spots:
            box = QRectF(left + start * self._char, top + 2, length * self._char, self._row - 4)
            painter.fillRect(box, colour("accfill" if current else "mark"))
            painter.setPen(colour("on_acc" if current else "on_mark"))
            at = QPointF(box.left(), top + self._base)
            painter.drawText(at, text[start : start + length])
        return len(text)

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setFont(font(Size.BODY))
        painter.setPen(colour("t2"))
        painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self._why_empty())

    def _why_empty(self) -> str:
        if self.snapshot is None:
            return tr("Reading the log.")
        if self.snapshot.count:
            return tr("No line matches.")
        return tr("Nothing has been written yet.")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._on_mouse(
                event, extend=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._on_mouse(event, extend=True)

    def _on_mouse(self, event: QMouseEvent, *, extend: bool) -> None:
        if self.snapshot is None:
            return
        row = self.verticalScrollBar().value() + int(event.position().y() // self._row)
        if 0 <= row < self.snapshot.shown:
            self._choose(self.snapshot.line_at(row), extend=extend)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar, key = self.verticalScrollBar(), event.key()
        steps = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -self._page(),
            Qt.Key.Key_PageDown: self._page(),
        }
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and key == Qt.Key.Key_C:
            self.copy()
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier and key == Qt.Key.Key_A:
            self._choose_all()
        elif key == Qt.Key.Key_Home:
            bar.setValue(0)
        elif key == Qt.Key.Key_End:
            self.follow()
        elif key in steps:
            self._step(
                steps[Qt.Key(key)], bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            )
        else:
            super().keyPressEvent(event)

    def _choose_all(self) -> None:
        if self.snapshot is not None and self.snapshot.shown:
            self._choose(self.snapshot.line_at(0))
            self._choose(self.snapshot.line_at(self.snapshot.shown - 1), extend=True)

    def _step(self, rows: int, extend: bool) -> None:
        snapshot, bar = self.snapshot, self.verticalScrollBar()
        if snapshot is None or not snapshot.shown:
            return
        at = bar.value() if self._cursor is None else snapshot.row_of(self._cursor) + rows
        row = max(0, min(snapshot.shown - 1, at))
        if row < bar.value():
            bar.setValue(row)
        elif row >= bar.value() + self._page():
            bar.setValue(row - self._page() + 1)
        self._choose(snapshot.line_at(row), extend=extend)
