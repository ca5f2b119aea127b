"""A small app: starts one child under a supervisor, says its pid, and waits to be killed."""

import asyncio
import sys
from pathlib import Path

from node_manager import applog
from node_manager.runtime.process import Launch
from node_manager.runtime.supervisor import Supervisor


async def main(folder: Path) -> None:
    async def launch() -> Launch:
        argv = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(120)"]
        return Launch(name="node", argv=argv, cwd=folder, log=folder / "logs" / "node.log")

    supervisor = Supervisor("node", launch, folder / "run" / "node.json")
    await supervisor.start()
    assert supervisor.process is not None
    print(supervisor.process.pid, flush=True)
    await asyncio.sleep(120)


applog.configure()
asyncio.run(main(Path(sys.argv[1])))
