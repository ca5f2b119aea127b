# SPDX-License-Identifier: Apache-2.0
"""Who is asking, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bridge.orchestrator.auth.operators import Operators
from bridge.orchestrator.auth.secrets import API_KEY, SESSION
from bridge.orchestrator.auth.wallets import Wallets
from bridge.orchestrator.errors import (
    NotOperator,
    NotOwner,
    OperatorKeyNeeded,
    Unauthenticated,
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who has shown who they are.

    Attributes:
        wallet: the address whose session this is, empty for an operator.
        operator: the name of the operator's key, empty for a wallet.
    """

    wallet: str = ""
    operator: str = ""

    @property
    def name(self) -> str:
        """For the audit log."""
        return f"operator:{self.operator}" if self.operator else f"wallet:{self.wallet}"

    def own(self, wallet_address: str) -> None:
        """Return when this is the wallet `wallet_address`.

        Raises:
            NotOwner: it is another one, or an operator.
        """
        if not self.wallet or self.wallet != wallet_address:
            raise NotOwner()

    def own_or_operate(self, wallet_address: str) -> None:
        """Return when this is that wallet or an operator.

        Raises:
            NotOwner: it is neither.
        """
        if not self.operator:
            self.own(wallet_address)


class Callers:
    """Knows callers by their Authorization header."""

    def __init__(self, wallets: Wallets, operators: Operators) -> None:
        self._wallets = wallets
        self._operators = operators

    async def require(self, request: web.Request) -> Caller:
        """The caller.

        Raises:
            Unauthenticated: nobody, or the proof does not hold any more.
        """
        token = bearer(request)
        if token.startswith(SESSION) and (wallet := await self._wallets.wallet_of(token)):
            return Caller(wallet=wallet)
        if token.startswith(API_KEY) and (name := await self._operators.name_of(token)):
            return Caller(operator=name)
        reason = "The session has ended, or is unknown." if token else "No session came with it."
        raise Unauthenticated(reason=reason, headers={"WWW-Authenticate": "Bearer"})

    async def require_operator(self, request: web.Request) -> Caller:
        """The operator who asks.

        Raises:
            OperatorKeyNeeded: nobody.
            NotOperator: a wallet.
        """
        try:
            caller = await self.require(request)
        except Unauthenticated as error:
            headers = {"WWW-Authenticate": "Bearer"}
            raise OperatorKeyNeeded(reason=error.facts["reason"], headers=headers) from error
        if not caller.operator:
            raise NotOperator()
        return caller


def bearer(request: web.Request) -> str:
    """The token of the Authorization header, empty for none."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""
