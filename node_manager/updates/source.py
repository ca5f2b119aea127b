# SPDX-License-Identifier: Apache-2.0
"""Where a build hears of newer versions, and whose word it takes.

`resources/updates.json` names an address and a public key. The build writes it (see
`packaging/build.py`); a checkout has none and asks nobody.
"""

from __future__ import annotations

import binascii
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from node_manager.downloads.trust import is_protected
from node_manager.networks.bundled import resources
from node_manager.updates.errors import SourceUnreadable

KEY_BYTES = 32


def safe_address(url: str) -> str:
    """The address itself where it is one over https; http only to this computer.

    Raises:
        ValueError: it is another.
    """
    if urlsplit(url).hostname and is_protected(url):
        return url
    raise ValueError("it is no https address")


def _public_key(text: str) -> str:
    try:
        key = binascii.unhexlify(text)
    except ValueError as error:
        raise ValueError("it is no hexadecimal number") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"a public key has {KEY_BYTES} bytes")
    return text.lower()


Address = Annotated[str, AfterValidator(safe_address)]


class UpdateSource(BaseModel):
    """What a build carries.

    Attributes:
        url: where the announcement lies.
        key: the Ed25519 public key that signs it, in hexadecimal digits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Address
    key: Annotated[str, AfterValidator(_public_key)]


def source_file() -> Path:
    """Where a build that has a source names it."""
    return resources() / "updates.json"


def read_source() -> UpdateSource | None:
    """The source that this build names, None where it names none.

    Raises:
        SourceUnreadable: the file is damaged.
    """
    try:
        return UpdateSource.model_validate_json(source_file().read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise SourceUnreadable(path=source_file()) from error
