# SPDX-License-Identifier: Apache-2.0
"""What lets the window's first picture come sooner, and the engine after it weigh less."""

from __future__ import annotations

import builtins
import gc
import linecache
import sys


def begin_quickly() -> None:
    """Prepare this process for Qt; to be called before Qt is imported, `settle` after the picture.

    The first picture makes much and leaves nothing to collect: looking for it costs a tenth.

    PySide6 replaces Python's `import` for the sake of `from __feature__ import ...`, which this
    app does not use, and from then on reads the source of every imported module to see whether
    it names PySide6 (`feature_imported` in its shibokensupport/feature.py). The sources stay in
    `linecache`: 25 MB for the engine's 700 modules, measured. So Python gets its own back; a
    module that PySide6 has not looked at counts as one that chose no feature.

    structlog takes rich and pygments along where they are installed, for colours that a window
    has no use for: 4 MB. None in `sys.modules` is how Python is told that a module is not there.
    """
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
    gc.disable()
    plain = builtins.__import__
    import shiboken6  # noqa: F401 (this is the import that replaces it)

    builtins.__import__ = plain


def settle() -> None:
    """Never search what the start has made (for the rest see `collecting`), drop its sources."""
    linecache.clearcache()
    gc.freeze()
