# SPDX-License-Identifier: Apache-2.0
"""The one style sheet of the application, made from the tokens.

Widgets are selected by the dynamic properties `kind` and `tone`, never by sheets of their own.
"""

from __future__ import annotations

from desktop.look.tokens import Size, Tokens

_TEXT_KINDS = {
    "title": (Size.TITLE, 600, "t1"),
    "sentence": (Size.SENTENCE, 600, "t1"),
    "figure": (Size.FIGURE, 600, "t1"),
    "figure-unknown": (Size.TITLE, 500, "t2"),
    "card-title": (Size.CARD, 600, "t1"),
    "heading": (Size.BODY, 600, "t1"),
    "name": (Size.BODY, 500, "t1"),
    "body": (Size.BODY, 400, "t1"),
    "second": (Size.BODY, 400, "t2"),
    "label": (Size.SMALL, 500, "t2"),
    "note": (Size.SMALL, 400, "t2"),
    "source": (Size.SMALL, 400, "t3"),
    "mono": (Size.SMALL, 400, "t1"),
}
"""Kind of a label: size in pixels, weight, colour token."""


def stylesheet(look: Tokens, scale: float, fixed_family: str) -> str:
    """The sheet for `look`, with every type size times `scale`."""

    def px(size: float) -> str:
        return f"{round(size * scale)}px"

    texts = "\n".join(
        f'QLabel[kind="{kind}"] {{ font-size: {px(size)}; font-weight: {weight};'
        f" color: {getattr(look, token)}; }}"
        for kind, (size, weight, token) in _TEXT_KINDS.items()
    )
    tones = "\n".join(
        f'QLabel[tone="{tone}"], QLabel[tone="{tone}"]:!disabled '
        f"{{ color: {getattr(look, tone)}; }}"
        for tone in ("good", "warn", "bad", "acc", "t1", "t2", "t3")
    )
    tags = "\n".join(
        f'QLabel[kind="tag"][tone="{tone}"] {{ background: {look_back}; border-color: {edge}; }}'
        for tone, look_back, edge in (
            ("good", look.goodtint, look.goodtint),
            ("warn", look.warntint, look.warntint),
            ("bad", look.badtint, look.badtint),
            ("acc", look.acctint, look.acctint),
            ("t2", look.sunk, look.line),
        )
    )
    return f"""
{texts}
QLabel[kind="mono"] {{ font-family: "{fixed_family}"; }}
QLabel[kind="tag"] {{ font-size: {px(Size.SMALL)}; font-weight: 500; border-radius: 4px;
  border: 1px solid {look.line}; padding: 1px 7px; }}
{tones}
{tags}
QToolTip {{ color: {look.t1}; background: {look.surface}; border: 1px solid {look.line2};
  padding: 4px 6px; font-size: {px(Size.SMALL)}; }}
QFrame[kind="card"] {{ background: {look.surface}; border: 1px solid {look.line};
  border-radius: 8px; }}
QFrame[kind="card"]:focus {{ border: 2px solid {look.focus}; }}
QFrame[kind="card"][tone="chosen"] {{ border: 2px solid {look.accfill}; }}
LogView {{ border: 2px solid {look.surface}; border-radius: 6px; }}
LogView:focus, PartRow:focus {{ border: 2px solid {look.focus}; border-radius: 6px; }}
QFrame[kind="well"] {{ background: {look.sunk}; border: 1px solid {look.line};
  border-radius: 6px; }}
QFrame[kind="rule"] {{ background: {look.line}; border: none; }}
QFrame[kind="bad-edge"] {{ background: {look.badfill}; border: none; }}
QWidget[kind="side"] {{ background: {look.side}; }}
QFrame[kind="side-edge"] {{ background: {look.line}; border: none; }}
QWidget[kind="page"], QScrollArea[kind="page"], QDialog
  {{ background: {look.window}; border: none; }}

QPushButton {{ background: {look.surface}; color: {look.t1}; border: 1px solid {look.line2};
  border-radius: 6px; padding: 0 14px; min-height: {px(30)}; font-weight: 500; }}
QPushButton:hover {{ background: {look.sunk}; }}
QPushButton:pressed {{ background: {look.sel}; }}
QPushButton:focus {{ border: 2px solid {look.focus}; padding: 0 13px;
  min-height: {px(28)}; }}
QPushButton:disabled {{ background: {look.sunk}; color: {look.t3}; border-color: {look.line}; }}
QPushButton[kind="primary"] {{ background: {look.accfill}; color: {look.on_acc};
  border-color: {look.accfill}; }}
QPushButton[kind="primary"]:focus {{ border: 3px solid {look.focus_on_acc}; padding: 0 12px;
  min-height: {round(30 * scale) - 4}px; }}
QPushButton[kind="primary"]:disabled {{ background: {look.sunk}; color: {look.t3};
  border-color: {look.line}; }}
QPushButton[kind="small"] {{ min-height: {px(26)}; padding: 0 10px; font-size: {px(Size.SMALL)}; }}
QPushButton[kind="small"]:focus {{ min-height: {px(24)}; padding: 0 9px; }}
QPushButton[measure="large"] {{ min-height: {px(42)}; padding: 0 20px; font-size: {px(Size.CARD)};
  font-weight: 600; }}
QPushButton[measure="large"]:focus {{ min-height: {px(40)}; padding: 0 19px; }}
QPushButton[kind="primary"][measure="large"]:focus {{ padding: 0 18px;
  min-height: {round(42 * scale) - 4}px; }}
QPushButton[kind="link"] {{ background: transparent; border: 2px solid transparent;
  color: {look.acc}; padding: 0 6px; }}
QPushButton[kind="link"]:focus {{ border: 2px solid {look.focus}; padding: 0 6px; }}
QPushButton[kind="quiet"] {{ background: transparent; border: 2px solid transparent;
  color: {look.t2}; padding: 0 6px; font-weight: 400; }}
QPushButton[kind="quiet"]:hover, QPushButton[kind="link"]:hover {{ background: {look.sel}; }}
QPushButton[kind="quiet"]:focus {{ border: 2px solid {look.focus}; }}

QToolButton {{ background: {look.surface}; color: {look.t1}; border: 1px solid {look.line2};
  border-radius: 6px; padding: 5px 8px; }}
QToolButton:hover {{ background: {look.sunk}; }}
QToolButton:focus {{ border: 2px solid {look.focus}; padding: 4px 7px; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QToolButton[kind="bare"] {{ background: transparent; border: 2px solid transparent; padding: 3px; }}
QToolButton[kind="bare"]:hover {{ background: {look.sel}; }}
QToolButton[kind="bare"]:focus {{ border: 2px solid {look.focus}; }}
QToolButton[kind="toggle"] {{ background: transparent; border: 1px solid transparent;
  border-radius: 4px; padding: 2px 5px; font-size: {px(Size.SMALL)}; color: {look.t2}; }}
QToolButton[kind="toggle"]:hover {{ background: {look.sunk}; }}
QToolButton[kind="toggle"]:checked {{ background: {look.sel}; color: {look.t1};
  border-color: {look.line2}; }}
QToolButton[kind="toggle"]:focus {{ border: 2px solid {look.focus}; padding: 1px 4px; }}
QToolButton[kind="segment"] {{ border-radius: 0; padding: 5px 12px; margin: 0; font-weight: 500; }}
QToolButton[kind="segment"]:checked {{ background: {look.sel}; font-weight: 600; }}
QToolButton[place="first"] {{ border-top-left-radius: 6px; border-bottom-left-radius: 6px; }}
QToolButton[place="last"], QToolButton[place="middle"] {{ border-left: none; }}
QToolButton[place="last"] {{ border-top-right-radius: 6px; border-bottom-right-radius: 6px; }}
QToolButton[place="only"] {{ border-radius: 6px; }}
QToolButton[kind="segment"]:focus {{ border: 2px solid {look.focus}; padding: 4px 11px; }}

QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit {{ background: {look.surface};
  color: {look.t1}; border: 1px solid {look.ctl}; border-radius: 6px; padding: 0 10px;
  min-height: {px(30)}; selection-background-color: {look.accfill};
  selection-color: {look.on_acc}; }}
QPlainTextEdit {{ padding: 6px 8px; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus
  {{ border: 2px solid {look.focus}; padding: 0 9px; min-height: {px(28)}; }}
QPlainTextEdit:focus {{ padding: 5px 7px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus {{ border: none; padding: 0;
  min-height: 0; background: transparent; }}
QLineEdit[tone="bad"] {{ border: 1px solid {look.badfill}; }}
QLineEdit:disabled, QComboBox:disabled {{ background: {look.sunk}; color: {look.t3}; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox QAbstractItemView {{ background: {look.surface}; color: {look.t1};
  border: 1px solid {look.line2}; selection-background-color: {look.sel};
  selection-color: {look.t1}; }}
QMenu {{ background: {look.surface}; color: {look.t1}; border: 1px solid {look.line2};
  padding: 4px; }}
QMenu::item {{ padding: 6px 18px 6px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {look.sel}; }}
QMenu::item:disabled {{ color: {look.t3}; }}
QMenu::separator {{ height: 1px; background: {look.line}; margin: 4px 8px; }}
QTableView, QListView {{ background: {look.surface}; alternate-background-color: {look.sunk};
  border: none; gridline-color: {look.line}; selection-background-color: {look.sel};
  selection-color: {look.t1}; }}
QListView[kind="nodes"] {{ background: transparent; }}
QTableView, QListWidget {{ border: 2px solid {look.surface}; border-radius: 6px; }}
QTableView:focus, QListWidget:focus {{ border: 2px solid {look.focus}; }}
QTableView::item {{ padding: 0 10px; }}
QHeaderView::section {{ background: {look.surface}; color: {look.t2}; border: none;
  border-bottom: 1px solid {look.line}; padding: 6px 10px; font-weight: 500;
  font-size: {px(Size.SMALL)}; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {look.line2}; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""
