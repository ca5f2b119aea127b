# SPDX-License-Identifier: Apache-2.0
"""What stays out of the bundle: parts of Qt and of libraries that the app does not use."""

from __future__ import annotations

import re

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
    # for developers
    "PyInstaller",
    "_pytest",
    "hypothesis",
    "mypy",
    "pip",
    "pytest",
    "ruff",
    "setuptools",
    "tests",
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
            # Qt's own words in the languages of the app only (it has none but English yet)
            r"^PySide6/(Qt/)?translations/(?!qtbase_)",
            r"^PySide6/(Qt/)?plugins/(assetimporters|designer|egldeviceintegrations|generic)/",
            r"^PySide6/(Qt/)?plugins/(help|networkinformation|printsupport|qmltooling)/",
            r"^PySide6/(Qt/)?plugins/(scenegraph|sqldrivers|tls|virtualkeyboard)/",
            r"^PySide6/(Qt/)?plugins/platforminputcontexts/.*virtualkeyboard",
            r"^PySide6/(Qt/)?plugins/platforms/.*(eglfs|linuxfb|minimal|vkkhrdisplay|vnc|webgl)",
            r"^PySide6/(Qt/)?plugins/platformthemes/.*gtk",
            r"^PySide6/(Qt/)?plugins/imageformats/.*(gif|icns|pdf|tga|tiff|wbmp|webp)",
            r"Qt6?(Pdf|Qml|Quick|VirtualKeyboard|ShaderTools|EglFS|Eglfs|LabsPlatform)",
            # GTK and what it draws in: Qt's GTK theme is left out
            r"^lib(gtk-3|gdk-3|gdk_pixbuf|cairo|pango|atk|epoxy|harfbuzz)[-.\w]*\.so",
            # tests and headers of libraries
            r"(^|/)(tests?|testing)/",
            r"\.(h|hpp|pxd|pyi|c|cpp)$",
        )
    )
)


def is_wanted(name: str) -> bool:
    """Whether the file that would lie at `name` in the bundle is used by the app."""
    return not _UNWANTED.search(name.replace("\\", "/"))
