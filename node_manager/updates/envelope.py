# SPDX-License-Identifier: Apache-2.0
r"""An announcement with its signature, in one document.

The source serves JSON of two texts:

    {"announcement": "{\"version\": …}", "signature": "<base64>"}

The announcement is JSON that travels as a text. What is signed are the bytes of this very text
behind a fixed line, so nobody has to agree on how JSON is written, the two never come from
different moments, and a signature of this key over something else is none over an announcement.
The signature is Ed25519's. Nothing of the inner text is parsed before it holds.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from node_manager.updates.announcement import Announcement
from node_manager.updates.errors import AnnouncementUnreadable, NotSigned

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SUBJECT = b"oneclick-validator announcement 1\n"


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="ignore")

    announcement: str
    signature: str


def opened(body: bytes | str, key: str) -> Announcement:
    """The announcement in a document, if `key` (hexadecimal digits) has signed it.

    Raises:
        NotSigned: the key has not, or it is no such document.
        AnnouncementUnreadable: the key has signed something else than an announcement.
    """
    # Here, because an app whose build names no source needs it nowhere.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        envelope = _Envelope.model_validate_json(body)
        text = envelope.announcement.encode()
        signature = base64.b64decode(envelope.signature, validate=True)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, SUBJECT + text)
    except (InvalidSignature, ValueError) as error:
        raise NotSigned from error
    try:
        return Announcement.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors()[0]
        reason = f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
        raise AnnouncementUnreadable(reason=reason) from error


def sealed(announcement: Announcement, key: Ed25519PrivateKey) -> bytes:
    """The document of an announcement, signed."""
    text = announcement.model_dump_json()
    signature = base64.b64encode(key.sign(SUBJECT + text.encode())).decode()
    return _Envelope(announcement=text, signature=signature).model_dump_json(indent=1).encode()
