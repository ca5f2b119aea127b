# SPDX-License-Identifier: Apache-2.0
"""CometBFT's encrypted connection (station-to-station protocol), the side that dials.

Source: CometBFT v0.38 `p2p/conn/secret_connection.go`. Every frame carries up to 1024 bytes,
sealed with ChaCha20-Poly1305; the handshake's transcript is Merlin's.
"""

from __future__ import annotations

import hashlib
import socket
import struct

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from merlin_transcripts.merlin_transcript import MerlinTranscript

from node_manager.signer.wire import Malformed, blob, delimited, read_fields, read_varint, sub

_KEY = 32
_LENGTH = struct.Struct("<I")
_DATA = 1024
_FRAME = _LENGTH.size + _DATA
_SEALED = _FRAME + 16
_NONCE = struct.Struct("<4xQ")
_MAX_HANDSHAKE = 1024


class HandshakeFailed(OSError):
    """The other side is not who it must be, or does not speak this protocol."""


def node_id(pubkey: bytes) -> str:
    """A node's id: 40 hex digits, the address of its ed25519 key (`p2p/key.go`)."""
    return hashlib.sha256(pubkey).hexdigest()[:40]


class SecretChannel:
    """A stream socket whose other side is authenticated and whose bytes are sealed."""

    def __init__(self, stream: socket.socket, own_key: Ed25519PrivateKey, expected_id: str) -> None:
        """Shake hands over `stream`.

        Args:
            stream: connected; its timeout holds for every step.
            own_key: what this side proves to hold; any key will do for CometBFT.
            expected_id: the other side's node id, empty for any.

        Raises:
            HandshakeFailed: the other side failed to prove its key, or has another one.
            OSError: the connection broke.
        """
        self._stream = stream
        ephemeral = X25519PrivateKey.generate()
        own_public = ephemeral.public_key().public_bytes_raw()
        stream.sendall(delimited(sub(b"\x0a", own_public)))
        try:
            theirs = blob(read_fields(self._read_plain()), 1)
            if len(theirs) != _KEY:
                raise HandshakeFailed("its ephemeral key does not have 32 bytes")
            shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(theirs))
            challenge = self._derive(shared, own_public, theirs)
            self.pubkey = self._prove(own_key, challenge)
        except (Malformed, InvalidSignature, InvalidTag, ValueError) as error:
            raise HandshakeFailed(str(error) or "its proof is wrong") from error
        if expected_id and node_id(self.pubkey) != expected_id.lower():
            raise HandshakeFailed(f"it is node {node_id(self.pubkey)}, not {expected_id}")

    def recv(self, _size: int) -> bytes:
        """The content of the next frame, empty at the end of the stream.

        Raises:
            OSError: the frame is forged or cut, or the connection broke.
        """
        sealed = self._read_exactly(_SEALED, end_allowed=True)
        if not sealed:
            return b""
        try:
            frame = self._opener.decrypt(_NONCE.pack(self._received), sealed, None)
        except InvalidTag:
            raise ConnectionAbortedError("a frame was forged") from None
        self._received += 1
        (length,) = _LENGTH.unpack_from(frame)
        if length > _DATA:
            raise ConnectionAbortedError("a frame claims too much")
        return frame[_LENGTH.size : _LENGTH.size + length]

    def sendall(self, data: bytes) -> None:
        """Send `data` in sealed frames.

        Raises:
            OSError: the connection broke.
        """
        frames = []
        for at in range(0, len(data), _DATA):
            part = data[at : at + _DATA]
            frame = (_LENGTH.pack(len(part)) + part).ljust(_FRAME, b"\0")
            frames.append(self._sealer.encrypt(_NONCE.pack(self._sent), frame, None))
            self._sent += 1
        self._stream.sendall(b"".join(frames))

    def shutdown(self, how: int) -> None:
        """End the stream without closing it: a blocked `recv` returns."""
        self._stream.shutdown(how)

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def _derive(self, shared: bytes, own: bytes, theirs: bytes) -> bytes:
        """Set the two ciphers up and return the challenge that both sides sign."""
        lower, upper = sorted((own, theirs))
        transcript = MerlinTranscript(b"TENDERMINT_SECRET_CONNECTION_TRANSCRIPT_HASH")
        transcript.append_message(b"EPHEMERAL_LOWER_PUBLIC_KEY", lower)
        transcript.append_message(b"EPHEMERAL_UPPER_PUBLIC_KEY", upper)
        transcript.append_message(b"DH_SECRET", shared)
        info = b"TENDERMINT_SECRET_CONNECTION_KEY_AND_CHALLENGE_GEN"
        secrets = HKDF(algorithm=SHA256(), length=96, salt=None, info=info).derive(shared)
        first, second = secrets[:_KEY], secrets[_KEY : 2 * _KEY]
        receive, send = (first, second) if own == lower else (second, first)
        self._opener, self._sealer = ChaCha20Poly1305(receive), ChaCha20Poly1305(send)
        self._received = self._sent = 0
        return bytes(transcript.challenge_bytes(b"SECRET_CONNECTION_MAC", _KEY))

    def _prove(self, own_key: Ed25519PrivateKey, challenge: bytes) -> bytes:
        """Exchange proofs and return the other side's public key."""
        own_public = own_key.public_key().public_bytes_raw()
        proof = sub(b"\x0a", sub(b"\x0a", own_public)) + sub(b"\x12", own_key.sign(challenge))
        self.sendall(delimited(proof))
        answer = self.recv(_DATA)
        length, start = read_varint(answer, 0)
        if length != len(answer) - start:
            raise HandshakeFailed("its proof is cut")
        fields = read_fields(answer[start:])
        pubkey = blob(read_fields(blob(fields, 1)), 1)
        Ed25519PublicKey.from_public_bytes(pubkey).verify(blob(fields, 2), challenge)
        return pubkey

    def _read_plain(self) -> bytes:
        """One message of the part before encryption."""
        head = self._read_exactly(1)
        while head[-1] >= 0x80:
            head += self._read_exactly(1)
        length, _ = read_varint(head, 0)
        if length > _MAX_HANDSHAKE:
            raise HandshakeFailed("its first message is too long")
        return self._read_exactly(length)

    def _read_exactly(self, size: int, *, end_allowed: bool = False) -> bytes:
        data = bytearray()
        while len(data) < size:
            part = self._stream.recv(size - len(data))
            if not part:
                if end_allowed and not data:
                    return b""
                raise ConnectionAbortedError("the connection ended in the middle of a frame")
            data += part
        return bytes(data)
