# SPDX-License-Identifier: Apache-2.0
"""Sessions of wallets: a nonce, its signature, then a short session."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from bridge.orchestrator.auth.adr36 import signed_by_wallet
from bridge.orchestrator.auth.secrets import SESSION, new_token, token_hash
from bridge.orchestrator.chain.addresses import Addresses
from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.tables import WalletNonce, WalletSession
from bridge.orchestrator.errors import SignatureWrong
from bridge.orchestrator.settings import Settings


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a wallet is to sign."""

    nonce: str
    message: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A wallet that has signed; `token` is told once."""

    token: str
    wallet_address: str
    expires_at: datetime


class Wallets:
    """Gives out nonces and sessions, and knows them again on every instance."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._addresses = Addresses(settings.bech32_prefix)

    async def challenge(self, wallet_address: str) -> Challenge:
        """A fresh nonce for a wallet; old ones that ran out are cleared away."""
        nonce = secrets.token_urlsafe(24)
        moment = now()
        ends = moment + timedelta(seconds=self._settings.nonce_seconds)
        async with self._database.sessions.begin() as session:
            await session.execute(delete(WalletNonce).where(WalletNonce.expires_at < moment))
            await session.execute(delete(WalletSession).where(WalletSession.expires_at < moment))
            session.add(
                WalletNonce(
                    nonce_hash=token_hash(nonce), wallet_address=wallet_address, expires_at=ends
                )
            )
        return Challenge(nonce, self._message(wallet_address, nonce), ends)

    async def sign_in(
        self, wallet_address: str, nonce: str, pubkey: bytes, signature: bytes
    ) -> Session:
        """A session for the wallet that signed the nonce; the nonce is used up either way.

        Raises:
            SignatureWrong: the nonce, the key or the signature does not fit.
        """
        async with self._database.sessions.begin() as session:
            used = await session.execute(
                delete(WalletNonce)
                .where(
                    WalletNonce.nonce_hash == token_hash(nonce),
                    WalletNonce.wallet_address == wallet_address,
                    WalletNonce.expires_at >= now(),
                )
                .returning(WalletNonce.nonce_hash)
            )
            known = used.scalar_one_or_none() is not None
        if not known:
            raise SignatureWrong(reason="The nonce is unknown, used or too old.")
        if self._addresses.of_wallet_key(pubkey) != wallet_address:
            raise SignatureWrong(reason="The public key is not the key of this wallet.")
        message = self._message(wallet_address, nonce)
        if not signed_by_wallet(pubkey, signature, wallet_address, message):
            raise SignatureWrong(reason="The signature is not of this message and key.")
        token = new_token(SESSION)
        ends = now() + timedelta(seconds=self._settings.session_seconds)
        async with self._database.sessions.begin() as session:
            session.add(
                WalletSession(
                    token_hash=token_hash(token), wallet_address=wallet_address, expires_at=ends
                )
            )
        return Session(token, wallet_address, ends)

    async def wallet_of(self, token: str) -> str | None:
        """The wallet of a session that still holds."""
        query = select(WalletSession.wallet_address).where(
            WalletSession.token_hash == token_hash(token), WalletSession.expires_at >= now()
        )
        async with self._database.sessions() as session:
            found: str | None = await session.scalar(query)
            return found

    async def sign_out(self, token: str) -> None:
        """End a session."""
        async with self._database.sessions.begin() as session:
            await session.execute(
                delete(WalletSession).where(WalletSession.token_hash == token_hash(token))
            )

    def _message(self, wallet_address: str, nonce: str) -> str:
        return (
            f"Sign in to One-Click Validator at {self._settings.public_url}.\n"
            f"This moves no funds.\n"
            f"Wallet: {wallet_address}\n"
            f"Nonce: {nonce}"
        )
