# SPDX-License-Identifier: Apache-2.0
"""The device that signs heartbeats."""

from __future__ import annotations

import base64
import binascii
import time
from dataclasses import dataclass

from aiohttp import web

from bridge.device import KEY_HEADER, SIGNATURE_HEADER, TIME_HEADER, encoded, signed_by
from bridge.orchestrator.errors import DeviceSignatureWrong
from bridge.orchestrator.together import Together

KEY_BYTES = 32
SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Device:
    """A device that signed a request, and when (Unix milliseconds)."""

    key: str
    signed_ms: int


class Devices:
    """Tells which device signed a request; `skew_seconds` is how far its clock may be off."""

    def __init__(self, skew_seconds: int) -> None:
        self._skew_seconds = skew_seconds
        # A check takes 0.1 ms without the interpreter: a third of all work for a heartbeat.
        self._signatures = Together("device signatures", _is_signed)

    def close(self) -> None:
        """End the thread of the checks."""
        self._signatures.close()

    async def check(self, request: web.Request, body: bytes) -> Device:
        """The device that signed `body`.

        Raises:
            DeviceSignatureWrong: a header is missing, the clock is off, or the signature is wrong.
        """
        headers = request.headers
        key = headers.get(KEY_HEADER, "")
        public = _decoded(key, KEY_BYTES, KEY_HEADER)
        signature = _decoded(headers.get(SIGNATURE_HEADER, ""), SIGNATURE_BYTES, SIGNATURE_HEADER)
        moment = headers.get(TIME_HEADER, "")
        if not (moment.isascii() and moment.isdigit() and len(moment) <= 15):
            raise DeviceSignatureWrong(
                reason=f"The header {TIME_HEADER} is missing or not a number."
            )
        signed_ms = int(moment)
        off = abs(time.time() - signed_ms / 1000)
        if off > self._skew_seconds:
            allowed = f"{self._skew_seconds} s are allowed"
            raise DeviceSignatureWrong(
                reason=f"Its clock is {off:.0f} s off this server's; {allowed}."
            )
        if not await self._signatures.ask(_Signed(public, signature, signed_ms, body)):
            raise DeviceSignatureWrong(reason="The signature is not of this body, time and key.")
        return Device(key, signed_ms)


@dataclass(frozen=True, slots=True)
class _Signed:
    public: bytes
    signature: bytes
    moment_ms: int
    body: bytes


def _is_signed(claim: _Signed) -> bool:
    return signed_by(claim.public, claim.signature, claim.moment_ms, claim.body)


def _decoded(text: str, size: int, header: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != size or encoded(raw) != text:
        raise DeviceSignatureWrong(reason=f"The header {header} is missing or not {size} bytes.")
    return raw
