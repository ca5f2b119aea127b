# SPDX-License-Identifier: Apache-2.0
"""Keeps Python 3.11 alive under a PySide6 that takes `None` for immortal.

PySide6 6.12 is built for the stable interface of Python 3.12, where `None`, `True` and `False`
are not counted (PEP 683). On Python 3.11 each call of a Qt function without a result takes one
reference of `None` away that it never added; after some thousands of calls the interpreter ends
with "deallocating None". Measured: `sys.getrefcount(None)` falls by one with each
`QWidget.update()`.
"""

from __future__ import annotations

import sys

ENOUGH = 1 << 60
"""References that no run of the app uses up: 36 years at a thousand million calls a second."""


def guard_none() -> None:
    """Give them references enough; to be called before Qt is used. Harmless to repeat."""
    if sys.version_info >= (3, 12):
        return
    import ctypes

    for constant in (None, True, False, NotImplemented, Ellipsis):
        if sys.getrefcount(constant) < ENOUGH // 2:
            # ob_refcnt is the first field of an object (Include/object.h); these live statically.
            ctypes.c_ssize_t.from_address(id(constant)).value = ENOUGH
