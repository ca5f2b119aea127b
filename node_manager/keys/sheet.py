# SPDX-License-Identifier: Apache-2.0
"""A sheet to print and lay beside a backup: what it is of, and how to recover. No secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from string import Template

from node_manager.keys.backup_file import BackupHeader
from node_manager.version import VERSION as APP_VERSION

Translate = Callable[[str], str]

TITLE = "Recovery sheet of a validator key"
INTRODUCTION = (
    "This sheet holds no secret. The key is in the backup file, locked with the backup's"
    " passphrase. Keep the sheet with the file, and the passphrase somewhere else."
)
STEPS_TITLE = "To recover the validator on another computer"
STEPS = (
    "Turn the old computer off and make sure that it stays off. Two computers that sign with one"
    " key lose a part of the stake, and the key is barred for ever.",
    "Install One-Click Validator, version {app_version} or newer, on the other computer.",
    "Copy the backup file to it. Its SHA-256 must be the one on this sheet.",
    "In the first-run choices take “Restore from a backup”, choose the file and type its"
    " passphrase.",
    "Compare the address that the app shows with the address on this sheet.",
    "Wait. The app watches the chain first; it signs once it has seen that nobody else does.",
)
ROWS = (
    ("Network", "network"),
    ("Chain id", "chain_id"),
    ("Address", "address"),
    ("Public key", "public_key"),
    ("Backup made at", "created_at"),
    ("Backup file", "name"),
    ("SHA-256 of the file", "sha256"),
    ("Format", "version"),
    ("Made by version", "app_version"),
)
QR_TITLE = "The public part of the key, as a QR code"

_ROW = Template('<tr><th scope="row">$words</th><td>$fact</td></tr>')
_PAGE = Template("""<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<title>$title</title>
<style>
body { font: 12pt/1.5 sans-serif; color: #000; background: #fff; max-width: 42em; margin: 2em auto }
th { text-align: left; padding-right: 1em; vertical-align: top; white-space: nowrap }
td { font-family: monospace; overflow-wrap: anywhere }
li { margin-bottom: .4em }
figure { margin: 1.5em 0 }
@media print { body { margin: 0 } }
</style>
</head>
<body>
<h1>$title</h1>
<p>$introduction</p>
<table>
$rows
</table>
<figure>
$qr
<figcaption>$qr_title</figcaption>
</figure>
<h2>$steps_title</h2>
<ol>
$steps
</ol>
</body>
</html>
""")


def recovery_sheet(
    header: BackupHeader, *, translate: Translate = lambda text: text, language: str = "en"
) -> str:
    """The sheet as one HTML page without outside parts or scripts."""
    import segno

    facts: dict[str, object] = {
        "network": header.network or header.chain_id,
        "chain_id": header.chain_id,
        "address": header.address,
        "public_key": header.public_key,
        "created_at": header.created_at,
        "name": header.path.name,
        "sha256": header.sha256,
        "version": header.version,
        "app_version": header.app_version,
    }
    rows = (
        _ROW.substitute(words=escape(translate(words)), fact=escape(str(facts[name])))
        for words, name in ROWS
    )
    steps = (
        f"<li>{escape(translate(step).format(app_version=APP_VERSION))}</li>" for step in STEPS
    )
    code = segno.make(public_part(header), error="m", micro=False)
    return _PAGE.substitute(
        language=escape(language),
        title=escape(translate(TITLE)),
        introduction=escape(translate(INTRODUCTION)),
        rows="\n".join(rows),
        qr=code.svg_inline(scale=4, title=translate(QR_TITLE)),
        qr_title=escape(translate(QR_TITLE)),
        steps_title=escape(translate(STEPS_TITLE)),
        steps="\n".join(steps),
    )


def public_part(header: BackupHeader) -> str:
    """What the QR code says: compact JSON of the key's public facts."""
    facts = {
        "chain_id": header.chain_id,
        "address": header.address,
        "public_key": header.public_key,
        "created_at": header.created_at,
    }
    return json.dumps(facts, separators=(",", ":"))
