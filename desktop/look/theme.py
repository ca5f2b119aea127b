# SPDX-License-Identifier: Apache-2.0
"""The look of the whole app: follows the system or the person's choice, light or dark."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop.look.stylesheet import stylesheet
from desktop.look.tokens import BODY_AT, DARK, LIGHT, Size, Tokens

STYLE = "Fusion"


class Theme(QObject):
    """Holds the tokens in force and dresses the application in them.

    Signals:
        changed: the tokens in force are others now.
    """

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._appearance = "system"
        self._larger = 1.0
        self._worn: tuple[str, float] | None = None
        self.tokens = LIGHT
        self.scale = 1.0
        if app.property("style") != STYLE:
            app.setStyle(STYLE)
        self._system_scale = _scale_of(app.font())
        app.styleHints().colorSchemeChanged.connect(self._on_scheme)

    def choose(self, appearance: str, larger: float = 1.0) -> None:
        """Dress in "light", "dark" or as the "system" does; `larger` widens all type.

        What is worn already is not put on again: each widget would be dressed anew.
        """
        if self._worn == (appearance, larger):
            return
        self._worn = self._appearance, self._larger = appearance, larger
        self._dress()

    def _on_scheme(self, _scheme: Qt.ColorScheme) -> None:
        if self._appearance == "system":
            self._dress()

    def _dress(self) -> None:
        dark = self._appearance == "dark" or (
            self._appearance == "system"
            and self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        )
        self.tokens = DARK if dark else LIGHT
        self.scale = self._larger * self._system_scale
        self._app.setFont(_ui_font(self._app.font(), self.px(Size.BODY)))
        self._app.setPalette(palette(self.tokens))
        self._app.setStyleSheet(stylesheet(self.tokens, self.scale, fixed_family()))
        self.changed.emit()

    def px(self, size: float) -> int:
        """`size` pixels of the concept on this computer's type scale."""
        return round(size * self.scale)


_themes: list[Theme] = []


def theme() -> Theme:
    """The application's theme; made at the first call, which needs a QApplication."""
    if not _themes:
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise RuntimeError("the theme needs a QApplication")
        _themes.append(Theme(app))
    return _themes[0]


def tokens() -> Tokens:
    """The tokens in force."""
    return theme().tokens


def colour(name: str) -> QColor:
    """The colour of the token `name`."""
    return QColor(getattr(tokens(), name))


def palette(look: Tokens) -> QPalette:
    """The palette that Fusion and painted widgets draw from."""
    role = QPalette.ColorRole
    colours = {
        role.Window: look.window,
        role.Base: look.surface,
        role.Button: look.surface,
        role.AlternateBase: look.sunk,
        role.WindowText: look.t1,
        role.Text: look.t1,
        role.ButtonText: look.t1,
        role.ToolTipBase: look.surface,
        role.ToolTipText: look.t1,
        role.PlaceholderText: look.t3,
        role.Mid: look.line,
        role.Midlight: look.line2,
        role.Highlight: look.accfill,
        role.Accent: look.accfill,
        role.HighlightedText: look.on_acc,
        role.Link: look.acc,
    }
    result = QPalette()
    for where, value in colours.items():
        result.setColor(where, QColor(value))
    for where in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, where, QColor(look.t3))
    return result


def font(size: int, weight: int = QFont.Weight.Normal, *, fixed: bool = False) -> QFont:
    """A font for painted text: `size` pixels of the concept, scaled."""
    result = QFont(QGuiApplication.font())
    if fixed:
        result.setFamily(fixed_family())
    result.setPixelSize(theme().px(size))
    result.setWeight(QFont.Weight(weight))
    return result


def fixed_family() -> str:
    """The system's fixed-width family, for keys, addresses, hashes and logs."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()


def _ui_font(system: QFont, pixels: int) -> QFont:
    """The system's font with digits of one width and without `0x` drawn as a product."""
    result = QFont(system)
    result.setPixelSize(pixels)
    result.setFeature(QFont.Tag("tnum"), 1)
    result.setFeature(QFont.Tag("calt"), 0)
    return result


def _scale_of(system: QFont) -> float:
    """How much larger than usual the person's system draws text, at least 1."""
    return max(1.0, QFontInfo(system).pixelSize() / BODY_AT)
