# SPDX-License-Identifier: Apache-2.0
"""`updates`: whether there is a newer version of the app; the app need not run for it."""

from __future__ import annotations

import argparse
import asyncio
import json
import time

from bridge.cli.parser import Chosen
from node_manager.updates.desk import UpdateDesk
from node_manager.updates.standing import Standing

NEXT = (
    "Verified, not installed. End the app and leave the validators running, unpack the file in"
    " place of the old app, then start it: it takes over what runs."
)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("updates", help="ask whether there is a newer version of the app")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--known", action="store_true", help="tell what is known, ask nobody")
    parser.add_argument(
        "--download", action="store_true", help="fetch and verify the newer version; not installed"
    )
    parser.set_defaults(run=run)


def run(chosen: Chosen) -> int:
    """Tell how this version stands; 1 when that is unknown."""
    return asyncio.run(_run(chosen))


async def _run(chosen: Chosen) -> int:
    desk = UpdateDesk.of_this_build(chosen.layout)
    standing = await (desk.standing() if chosen.known else desk.check())
    if chosen.download:
        await desk.download()
        standing = await desk.standing()
    now = time.time()
    print(json.dumps(_as_dict(standing, now), indent=2) if chosen.json else _told(standing, now))
    return 1 if standing.is_newest(now) is None or standing.trouble else 0


def _told(standing: Standing, now: float) -> str:
    lines = [("version", standing.version)]
    newest, age = standing.newest.value, standing.newest.age(now)
    if not standing.source and standing.trouble is None:
        lines.append(("newest", "unknown. This build names no source of updates."))
    elif newest is None or age is None:
        lines.append(("newest", "unknown"))
    else:
        said = f"{newest.version} of {newest.date:%Y-%m-%d}, signed by the key of this build"
        old = ", out of date" if standing.is_newest(now) is None else ""
        lines.append(("newest", f"{said}, confirmed {_age(age)} ago{old}"))
    if standing.newer is not None:
        changes = standing.newer.changes_in("en").replace("\n", "\n" + " " * 10)
        lines += [("changes", changes)] if changes else []
        file = standing.file
        lines.append(
            ("file", f"{file.url} ({file.size} bytes)" if file else "none for this platform")
        )
    if standing.unsafe:
        lines.append(("unsafe", "this version is not held for safe any more"))
    if standing.downloaded is not None:
        lines += [("here", str(standing.downloaded)), ("next", NEXT)]
    if standing.trouble is not None:
        lines.append(("trouble", " ".join(filter(None, standing.trouble.filled()))))
    return "\n".join(f"{name:<10}{text}" for name, text in lines)


def _age(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _as_dict(standing: Standing, now: float) -> dict[str, object]:
    newest, trouble = standing.newest, standing.trouble
    told = newest.value
    is_newest = standing.is_newest(now)
    return {
        "version": standing.version,
        "source": standing.source or None,
        "isNewest": is_newest,
        "newest": told and told.model_dump(mode="json"),
        "confirmedSecondsAgo": newest.age(now),
        "unsafe": standing.unsafe,
        "file": standing.file and standing.file.model_dump(mode="json"),
        "downloaded": standing.downloaded and str(standing.downloaded),
        "trouble": trouble and {"code": trouble.code, "text": " ".join(trouble.filled()).strip()},
    }
