# SPDX-License-Identifier: Apache-2.0
"""The app's own log: facts without secrets, in one bounded file readable by its owner."""

from __future__ import annotations

import logging
import logging.handlers
import os
import re
from pathlib import Path

import structlog
from structlog.typing import EventDict, WrappedLogger

from node_manager.durable import PRIVATE_FILE, make_private_folder

MAX_BYTES = 5 * 1024 * 1024
KEPT_FILES = 3

_SECRET_NAME = re.compile(
    r"pass(word|phrase)|secret|private|priv_key|token|mnemonic|seed_phrase|authorization", re.I
)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace the values of fields whose name says that they are secret."""
    for name in event:
        if name != "event" and _SECRET_NAME.search(name):
            event[name] = "(hidden)"
    return event


def configure(file: Path | None = None, *, console: bool = False) -> None:
    """Send the logs of this process to `file` (JSON lines), to the console, or nowhere.

    Raises:
        OSError: the log folder cannot be written.
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for noisy in ("httpx", "httpcore", "docker", "urllib3", "asyncio", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if file is not None:
        root.addHandler(_file_handler(file))
    if console:
        handler = logging.StreamHandler()
        handler.setFormatter(_formatter(structlog.dev.ConsoleRenderer(colors=False)))
        root.addHandler(handler)


def _formatter(renderer: structlog.typing.Processor) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    )


def _file_handler(file: Path) -> logging.Handler:
    make_private_folder(file.parent)
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, PRIVATE_FILE))
    handler = logging.handlers.RotatingFileHandler(
        file, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8"
    )
    handler.setFormatter(_formatter(structlog.processors.JSONRenderer()))
    return handler
