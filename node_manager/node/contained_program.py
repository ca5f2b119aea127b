# SPDX-License-Identifier: Apache-2.0
"""The node program's command line where the program is Linux's and this computer need not be."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from node_manager.cosmos.errors import ProgramTimeout
from node_manager.cosmos.program import CALL_SECONDS, Output, Program
from node_manager.durable import make_private_folder
from node_manager.runtime.docker.container import HOME
from node_manager.runtime.docker.engine import DockerEngine
from node_manager.runtime.docker.one_shot import run_once

AT = "--home"


@dataclass(frozen=True, slots=True)
class ContainedProgram(Program):
    """A program whose every call is a container of its own.

    Attributes:
        image: the image with the program.
    """

    engine: DockerEngine
    image: str

    async def run(self, *args: str, timeout: float = CALL_SECONDS) -> Output:
        """Run one command to its end; the folder after `--home` is the only one it sees.

        Raises:
            DockerTrouble: it was not run.
            ProgramTimeout: it did not end within `timeout` seconds and was ended.
        """
        if AT not in args:
            with tempfile.TemporaryDirectory(prefix="oneclick-home-") as nowhere:
                return await self._run(args, Path(nowhere), timeout)
        home = Path(args[args.index(AT) + 1])
        await asyncio.to_thread(make_private_folder, home)
        inside = tuple(HOME if word == str(home) else word for word in args)
        return await self._run(inside, home, timeout)

    async def _run(self, args: tuple[str, ...], home: Path, timeout: float) -> Output:
        said = await run_once(self.engine, self.image, args, home, timeout)
        if said.code is None:
            raise ProgramTimeout(command=f"{self.name} {args[0]}", seconds=timeout)
        return Output(said.code, said.stdout, said.stderr)
