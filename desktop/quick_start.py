# SPDX-License-Identifier: Apache-2.0
"""What lets the window's first picture come sooner, and the engine after it weigh less."""

from __future__ import annotations

import builtins
import ctypes
import gc
import linecache
import os
import sys
from typing import Any

_M_ARENA_MAX = -8
"""glibc's `malloc.h`."""

NEEDLESS = "shibokensupport/signature/lib/pyi_generator.py"
"""Its name inside shiboken's archive; see `signature_bootstrap.py` there."""


def begin_quickly() -> None:
    """Prepare this process for Qt; to be called before Qt is imported, `settle` after the picture.

    The first picture makes much and leaves nothing to collect: looking for it costs a tenth.

    PySide6 replaces Python's `import` for the sake of `from __feature__ import ...`, which this
    app does not use, and from then on reads the source of every imported module to see whether
    it names PySide6 (`feature_imported` in its shibokensupport/feature.py). The sources stay in
    `linecache`: 25 MB for the engine's 700 modules, measured. So Python gets its own back; a
    module that PySide6 has not looked at counts as one that chose no feature.

    At its import shiboken compiles each of its own modules anew, one of which writes stub files and
    builds a regular expression of thousands of signs for that: a third of the whole import, and
    nothing that an app calls. That one is left empty.

    structlog takes rich, colorama and greenlet along where they are installed, for colours and
    a kind of threads that a window has no use for: 4.5 MB. None in `sys.modules` is how Python is
    told that a module is not there.
    """
    for needless in ("rich", "colorama", "greenlet"):
        sys.modules.setdefault(needless, None)  # type: ignore[arg-type]
    _share_one_heap()
    gc.disable()
    plain_import, plain_compile = builtins.__import__, builtins.compile

    def compile_less(source: Any, filename: Any, *rest: Any, **named: Any) -> Any:
        return plain_compile("" if filename == NEEDLESS else source, filename, *rest, **named)

    builtins.compile = compile_less
    try:
        import shiboken6  # noqa: F401 (this is the import that replaces `import`)
    finally:
        builtins.__import__, builtins.compile = plain_import, plain_compile


def _share_one_heap() -> None:
    """Let all threads take memory from one heap: Python's take turns anyway.

    glibc gives each a heap of its own, most of which lies idle: 0.6 MB, measured.
    """
    if "CS_GNU_LIBC_VERSION" in getattr(os, "confstr_names", {}):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def settle() -> None:
    """Never search what the start has made (for the rest see `collecting`), drop its sources."""
    linecache.clearcache()
    gc.freeze()
