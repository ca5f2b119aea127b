# SPDX-License-Identifier: Apache-2.0
"""The node program's command line: one call, its two streams kept apart, typed results."""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from node_manager.cosmos import errors
from node_manager.runtime.executable import why_not_started
from node_manager.runtime.own_command import child_environment

CALL_SECONDS = 30.0
"""A call takes 0.15 to 0.25 s on an idle machine; a slow disk and a busy machine take longer."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a command printed, its streams apart: results on stdout, errors on stderr."""

    code: int
    stdout: str
    stderr: str

    @property
    def last_error(self) -> str:
        """The line that tells why: the last of stderr, else the last of stdout."""
        for stream in (self.stderr, self.stdout):
            lines = [line.strip() for line in stream.splitlines() if line.strip()]
            if lines:
                return lines[-1]
        return "nothing"


@dataclass(frozen=True, slots=True)
class ProgramVersion:
    """Answer of `version --long --output json`; fields are empty where the build left them out."""

    name: str
    server_name: str
    version: str
    commit: str
    go: str
    sdk: str


@dataclass(frozen=True, slots=True)
class Program:
    """A node program of the Cosmos SDK 0.50 or later.

    Attributes:
        binary: the executable.
    """

    binary: Path

    @property
    def name(self) -> str:
        """The program's base name."""
        return self.binary.name.removesuffix(".exe")

    async def run(self, *args: str, timeout: float = CALL_SECONDS) -> Output:
        """Run one command to its end.

        Raises:
            RuntimeTrouble: it cannot be run: missing, not executable, for another platform.
            ProgramTimeout: it did not end within `timeout` seconds and was ended.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                str(self.binary),
                *args,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=child_environment(),
            )
        except OSError as error:
            raise why_not_started(self.name, self.binary, error) from error
        try:
            out, err = await asyncio.wait_for(process.communicate(), timeout)
        except TimeoutError:
            raise errors.ProgramTimeout(command=self._shown(args), seconds=timeout) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        code = process.returncode if process.returncode is not None else -1
        return Output(code, out.decode(errors="replace"), err.decode(errors="replace"))

    async def call(self, *args: str, timeout: float = CALL_SECONDS) -> Output:
        """Run one command that must succeed.

        Raises:
            ProgramFailed: it ended with another code than 0; and what `run` raises.
        """
        output = await self.run(*args, timeout=timeout)
        if output.code != 0:
            raise errors.ProgramFailed(
                command=self._shown(args), exit_code=output.code, said=output.last_error
            )
        return output

    async def version(self) -> ProgramVersion:
        """What the program says it is; asked in a throwaway home, for every command writes there.

        Raises:
            AnswerNotUnderstood: it printed no JSON; and what `call` raises.
        """
        with tempfile.TemporaryDirectory(prefix="oneclick-version-") as home:
            output = await self.call("version", "--long", "--output", "json", "--home", home)
        told = self._json(output.stdout)
        return ProgramVersion(
            name=str(told.get("name", "")),
            server_name=str(told.get("server_name", "")),
            version=str(told.get("version", "")),
            commit=str(told.get("commit", "")),
            go=str(told.get("go", "")),
            sdk=str(told.get("cosmos_sdk_version", "")),
        )

    async def init(self, home: Path, moniker: str, chain_id: str) -> None:
        """Make a new home: configuration, node key and a genesis that is to be replaced.

        Raises:
            ProgramFailed: for example, the home has a genesis already.
        """
        await self.call("init", moniker, "--chain-id", chain_id, "--home", str(home))

    async def node_id(self, home: Path) -> str:
        """The P2P id (40 hex digits) of the node key in `home`.

        Raises:
            AnswerNotUnderstood: it printed something else; and what `call` raises.
        """
        output = await self.call("comet", "show-node-id", "--home", str(home))
        node_id = output.stdout.strip()
        if len(node_id) != 40 or not all(digit in "0123456789abcdef" for digit in node_id):
            raise errors.AnswerNotUnderstood(source=self.name, detail=f"Not a node id: {node_id}")
        return node_id

    async def validate_genesis(self, home: Path) -> None:
        """Check the genesis in `home` with the program's own rules.

        A start does not make these checks: a network may run with a genesis that fails them.

        Raises:
            ProgramFailed: with the first rule that is broken.
        """
        await self.call("genesis", "validate", "--home", str(home), timeout=4 * CALL_SECONDS)

    def start_argv(self, home: Path, *extra: str) -> list[str]:
        """The command that runs the node, logging JSON lines with full times."""
        return [str(self.binary), "start", "--home", str(home), "--log_format", "json", *extra]

    def _shown(self, args: tuple[str, ...]) -> str:
        return " ".join((self.name, *args))

    def _json(self, text: str) -> dict[str, object]:
        try:
            told = json.loads(text)
        except ValueError as error:
            raise errors.AnswerNotUnderstood(source=self.name, detail=str(error)) from error
        if not isinstance(told, dict):
            raise errors.AnswerNotUnderstood(source=self.name, detail="It is not a JSON object.")
        return told
