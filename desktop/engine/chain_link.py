# SPDX-License-Identifier: Apache-2.0
"""The validator's transactions as the engine's thread makes, reads and sends them for the window.

What builds transactions is loaded when one is asked for, off the loop: it takes a good second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.transactions.wishes import ValueNotAllowed, Wish, wanted

if TYPE_CHECKING:
    from bridge.engine import Engine
    from bridge.engine_thread import EngineThread
    from bridge.transactions.files import Included, Signed
    from bridge.transactions.operating import Draft, Operating
    from node_manager.layout import Layout
    from node_manager.networks.profile import Profile

_NEEDED = ("bridge.transactions.operating", "bridge.orchestrator.chain.protos")


class ChainLink:
    """Each call runs on the engine's loop."""

    _thread: EngineThread
    _layout: Layout

    def operating(self, node_id: str, wallet: str) -> Future[Operating]:
        """Who operates the validator, and by which rules."""

        async def act(engine: Engine) -> Operating:
            await _load()
            return await self._operating(engine, node_id, wallet)

        return self._thread.call(act)

    def make_transaction(self, node_id: str, wallet: str, wish: Wish) -> Future[Draft]:
        """Make a transaction and have the chain try it; nothing is sent."""

        async def act(engine: Engine) -> Draft:
            await _load()
            from bridge.transactions.files import make_unsigned, reading_of
            from bridge.transactions.operating import Draft
            from bridge.web.errors import Invalid

            operating = await self._operating(engine, node_id, wallet)
            profile, key = await _of_node(engine, node_id)
            asked = wanted(wish, operating.wallet or wallet, key)
            try:
                unsigned = await make_unsigned(profile, asked)
            except Invalid as error:
                field, told = error.faults[0]
                raise ValueNotAllowed(field=field, reason=f"{field}: {told}") from error
            return Draft(unsigned, await asyncio.to_thread(reading_of, unsigned), operating)

        return self._thread.call(act)

    def save_unsigned(self, draft: Draft, file: Path) -> Future[None]:
        """Write the file that a wallet signs."""

        async def act(_engine: Engine) -> None:
            from bridge.transactions.files import FileNotWritten, write_unsigned

            try:
                await asyncio.to_thread(write_unsigned, draft.unsigned, file)
            except OSError as error:
                raise FileNotWritten(file=file, reason=str(error)) from error

        return self._thread.call(act)

    def read_signed(self, file: Path) -> Future[Signed]:
        """Read a file that a wallet signed; nothing is sent."""

        async def act(_engine: Engine) -> Signed:
            await _load()
            from bridge.transactions.files import read_signed

            return await read_signed(file)

        return self._thread.call(act)

    def send_signed(
        self, node_id: str, signed: Signed, sent: Callable[[str], None]
    ) -> Future[Included]:
        """Send what was read, and follow it into its block."""

        async def act(engine: Engine) -> Included:
            from bridge.transactions.files import send_signed

            profile, _key = await _of_node(engine, node_id)
            return await send_signed(profile, signed, sent)

        return self._thread.call(act)

    def act_locally(
        self, node_id: str, wish: Wish, sent: Callable[[str], None]
    ) -> Future[Included]:
        """On the local network: made, signed, sent and followed."""

        async def act(engine: Engine) -> Included:
            await _load()
            from bridge.transactions.operating import act_locally

            profile, key = await _of_node(engine, node_id)
            done, _operator = await act_locally(self._layout, profile, wish, key, sent=sent)
            return done

        return self._thread.call(act)

    async def _operating(self, engine: Engine, node_id: str, wallet: str) -> Operating:
        from bridge.transactions.operating import read_operating

        profile, key = await _of_node(engine, node_id)
        named = wallet or engine.manager.node(node_id).custody.record.wallet_address
        return await read_operating(self._layout, profile, node_id, named, key)


async def _load() -> None:
    for name in _NEEDED:
        await asyncio.to_thread(import_module, name)


async def _of_node(engine: Engine, node_id: str) -> tuple[Profile, str]:
    """The node's network, and its public consensus key as base64."""
    custody = engine.manager.node(node_id).custody
    profile = await asyncio.to_thread(engine.manager.catalogue.get, custody.record.network)
    info = await asyncio.to_thread(custody.info)
    return profile, info.public_key.base64
