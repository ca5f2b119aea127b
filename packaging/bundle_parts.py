# SPDX-License-Identifier: Apache-2.0
"""What stays out of the bundle: parts of Qt and of libraries that the app does not use."""

from __future__ import annotations

import re
from pathlib import Path

LEFT_OUT_MODULES = [
    # other toolkits and consoles that libraries would like to have
    "tkinter",
    "IPython",
    "matplotlib",
    "PIL",
    "PyQt5",
    "PyQt6",
    "PySide2",
    "pandas",
    "scipy",
    # for developers: there when the bundle is built in the environment of the tests
    "PyInstaller",
    "_pytest",
    "click",
    "hypothesis",
    "markdown_it",
    "mypy",
    "pip",
    "pygments",
    "pytest",
    "rich",
    "ruff",
    "setuptools",
    "tests",
    "yaml",
    # Qt's parts for scenes, pages and databases
    "PySide6.QtDesigner",
    "PySide6.QtHelp",
    "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets",
    "PySide6.QtPrintSupport",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtQuick3D",
    "PySide6.QtQuickControls2",
    "PySide6.QtQuickTest",
    "PySide6.QtQuickWidgets",
    "PySide6.QtSql",
    "PySide6.QtTest",
    "PySide6.QtUiTools",
    "PySide6.QtXml",
]

_UNWANTED = re.compile(
    "|".join(
        (
            # PyInstaller takes every plugin of a Qt module along, and what those plugins need
            r"^PySide6/(Qt/)?qml/",
            r"^PySide6/(Qt/)?resources/",
            # Qt's own words go with the app's: see `qt_translations`
            r"^PySide6/(Qt/)?translations/",
            r"^PySide6/(Qt/)?plugins/(assetimporters|designer|egldeviceintegrations|generic)/",
            r"^PySide6/(Qt/)?plugins/(help|networkinformation|printsupport|qmltooling)/",
            r"^PySide6/(Qt/)?plugins/(scenegraph|sqldrivers|tls|virtualkeyboard)/",
            r"^PySide6/(Qt/)?plugins/platforminputcontexts/.*virtualkeyboard",
            r"^PySide6/(Qt/)?plugins/platforms/.*(eglfs|linuxfb|minimal|vkkhrdisplay|vnc|webgl)",
            r"^PySide6/(Qt/)?plugins/platformthemes/.*gtk",
            r"^PySide6/(Qt/)?plugins/imageformats/.*(gif|icns|pdf|tga|tiff|wbmp|webp)",
            r"Qt6?(Pdf|Qml|Quick|VirtualKeyboard|ShaderTools|Egl[Ff][Ss]|LabsPlatform)",
            # GTK and what it draws in: Qt's GTK theme is left out
            r"^lib(gtk-3|gdk-3|gdk_pixbuf|cairo|pango|atk|epoxy|thai|datrie|pixman)[-.\w]*\.so",
            # tests and headers of libraries
            r"(^|/)(tests?|testing|__pycache__)/",
            r"\.(h|hpp|pxd|pyi|c|cpp)$",
        )
    )
)


def is_wanted(name: str) -> bool:
    """Whether the file that would lie at `name` in the bundle is used by the app."""
    return not _UNWANTED.search(name.replace("\\", "/"))


def qt_translations(ours: Path, qt: Path) -> list[tuple[str, str]]:
    """Qt's words (`qtbase_LANGUAGE.qm` in `qt`) in the languages that `ours` has files for."""
    languages = {path.stem.partition("_")[2] for path in ours.glob("*_*.*")}
    files = [qt / f"qtbase_{language}.qm" for language in sorted(languages)]
    return [(str(file), "PySide6/Qt/translations") for file in files if file.is_file()]
