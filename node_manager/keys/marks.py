# SPDX-License-Identifier: Apache-2.0
"""What may change about a key without its passphrase, vouched for by the key itself.

The signer clears "needs a doppelganger check" and holds the key, but no passphrase to seal the
file anew. So the marks carry a MAC whose key comes from the private key and the envelope's id:
only a holder of the key can change them, and those of another copy of the key do not fit.
"""

from __future__ import annotations

import base64
import hmac
from typing import Annotated

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field

from node_manager.keys.envelope import Part, canonical
from node_manager.keys.secret import SecretBytes

_PURPOSE = b"one-click validator: marks of a consensus key, version 1"


class Marks(Part):
    """The marks of one key file.

    Attributes:
        needs_doppelganger: the key comes from elsewhere and has not been checked yet.
        checked_height: height of the chain at which the check passed.
        mac: HMAC-SHA256 over the other fields, base64.
    """

    needs_doppelganger: bool
    checked_height: Annotated[int, Field(ge=0)] | None = None
    mac: str = ""


def vouched(marks: Marks, seed: SecretBytes, envelope_id: str) -> Marks:
    """`marks` with the MAC that a holder of `seed` gives them."""
    return marks.model_copy(
        update={"mac": base64.b64encode(_mac(marks, seed, envelope_id)).decode()}
    )


def vouch_holds(marks: Marks, seed: SecretBytes, envelope_id: str) -> bool:
    """Whether a holder of `seed` set these marks for this envelope."""
    expected = base64.b64encode(_mac(marks, seed, envelope_id))
    return hmac.compare_digest(expected, marks.mac.encode())


def _mac(marks: Marks, seed: SecretBytes, envelope_id: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=envelope_id.encode(), info=_PURPOSE)
    with SecretBytes.blank(32) as key, key.view() as target, seed.view() as material:
        kdf.derive_into(material, target)
        return hmac.digest(target, canonical(marks, without={"mac"}), "sha256")
