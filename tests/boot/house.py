"""A whole installation for tests, driven as a person drives it: by the command, in processes of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
RUN = "import sys; from dix.cli.main import main; sys.exit(main())"


class House:
    """One DIX_HOME with free ports of its own; `close` ends whatever of it still runs."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="dixhome", dir="/tmp"))
        self.api_port, self.ui_port = find_free_ports(2)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DIX_", "RAY_", "AWS_"))}
        self.environment = kept | {
            "DIX_HOME": str(self.home),
            "HOME": str(self.home),
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }

    def dix(self, *arguments: str, limit_s: float = 240) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        return subprocess.run(
            [sys.executable, "-P", "-c", RUN, *arguments],
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=limit_s,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def ask(self, *arguments: str) -> Any:
        """Run the command with --json, and read what it says; it must succeed."""
        done = self.dix(*arguments, "--json")
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def ports(self) -> list[str]:
        """The options for `up` and `demo`."""
        return ["--api-port", str(self.api_port), "--ui-port", str(self.ui_port), "--num-cpus", "2"]

    def processes(self) -> list[psutil.Process]:
        """Everything that runs with this home, whoever started it."""
        return [process for process in psutil.process_iter() if _has_home(process, str(self.home))]

    def close(self) -> None:
        """Bring it down; what does not obey is killed. The folder goes."""
        self.dix("down")
        for process in self.processes():
            process.kill()
        shutil.rmtree(self.home, ignore_errors=True)


def find_free_ports(count: int) -> list[int]:
    """Ports that nobody has now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _has_home(process: psutil.Process, home: str) -> bool:
    try:
        return process.environ().get("DIX_HOME") == home
    except psutil.Error:
        return False
