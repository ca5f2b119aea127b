# SPDX-License-Identifier: Apache-2.0
"""The app's side of a signer's control door."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from node_manager.signer.control_address import port_file, unix_path
from node_manager.signer.errors import SignerUnreachable
from node_manager.signer.memory import SignerVotes
from node_manager.state import SignerFigures

_SECONDS = 3.0


class SignerControl:
    """Talks to the signer whose plan has this `control` path; one request a connection."""

    def __init__(self, control: Path) -> None:
        """Nothing is opened yet."""
        self._control = control

    async def figures(self) -> SignerFigures:
        """What the signer counts.

        Raises:
            SignerUnreachable: it does not answer.
        """
        answer = await self._ask({"do": "figures"})
        known = {name: answer[name] for name in SignerFigures.__slots__ if name in answer}
        return SignerFigures(**known)

    async def pid(self) -> int:
        """The process that answers.

        Raises:
            SignerUnreachable: it does not answer.
        """
        return int((await self._ask({"do": "figures"}))["pid"])

    async def votes(self, above: int) -> SignerVotes:
        """The precommits that it signed above a height.

        Raises:
            SignerUnreachable: it does not answer, or is of a version that cannot tell.
        """
        answer = await self._ask({"do": "votes", "above": above})
        try:
            told = [(int(height), bytes.fromhex(text)) for height, text in answer["votes"]]
            return SignerVotes(int(answer["since"]), frozenset(told))
        except (KeyError, ValueError, TypeError) as error:
            raise SignerUnreachable(why=str(error)) from None

    async def raise_floor(self, height: int) -> None:
        """Sign nothing up to `height` from now on. A floor below the record changes nothing.

        Raises:
            SignerUnreachable: it does not answer, or could not make it durable.
        """
        await self._ask({"do": "raise_floor", "height": height})

    async def stop(self) -> None:
        """Ask it to end. Stop the node first: a node that lost its signer ignores SIGTERM.

        Raises:
            SignerUnreachable: it does not answer.
        """
        await self._ask({"do": "stop"})

    async def _ask(self, request: dict[str, object]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(_SECONDS):
                reader, writer, token = await self._connect()
                try:
                    line = json.dumps(request | token).encode() + b"\n"
                    writer.write(line)
                    await writer.drain()
                    answer = json.loads(await reader.readline())
                finally:
                    writer.close()
        except (OSError, ValueError, KeyError, TimeoutError) as error:
            raise SignerUnreachable(why=str(error) or type(error).__name__) from None
        if not isinstance(answer, dict) or "error" in answer:
            raise SignerUnreachable(why=str(answer))
        return answer

    async def _connect(
        self,
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, dict[str, object]]:
        if (path := unix_path(self._control)) is not None:
            return *await asyncio.open_unix_connection(path), {}
        door = json.loads(await asyncio.to_thread(port_file(self._control).read_bytes))
        streams = await asyncio.open_connection("127.0.0.1", int(door["port"]))
        return *streams, {"token": str(door["token"])}
