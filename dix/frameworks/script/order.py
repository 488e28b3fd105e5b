"""What a script is given to work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dix.frameworks.worker_group import WorkerGroup


@dataclass(frozen=True, slots=True)
class ScriptOrder:
    """One execution of a script: folders of this machine, and parameters under the names the script knows.

    `root` takes what script mode has beside the rest (`input/config`, `output`). `channels` maps input ports to a
    folder, or to a URI where nothing is staged; `inputs` to that, or to the file where an input is one. `outputs` maps
    output ports to empty folders; `data` is one of them, and `model` is not. `words` are the arguments as written.
    `group` is set where several workers run the script, `framework` says for whom their addresses are.
    """

    job: str
    code: Path
    entry: str
    root: Path
    model: Path
    checkpoints: Path
    reports: Path
    params: Mapping[str, Any]
    words: tuple[str, ...]
    channels: Mapping[str, str]
    inputs: Mapping[str, str]
    outputs: Mapping[str, Path]
    cpus: float = 1.0
    cards: int = 0
    group: WorkerGroup | None = None
    framework: str | None = None

    @property
    def threads(self) -> int:
        """How many processor threads it may keep busy."""
        return max(1, int(self.cpus))
