"""A checkpoint of a training: numbers in JSON and arrays in safetensors, of any framework; nothing is unpickled."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from dix.logs import get_logger

_FOLDER = "epoch"
_ARRAYS, _FACTS = "arrays.safetensors", "facts.json"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a training was after an epoch: all it takes to go on as if nothing had happened."""

    facts: dict[str, Any]
    arrays: dict[str, NDArray[Any]]

    def under(self, prefix: str) -> dict[str, NDArray[Any]]:
        """The arrays whose names begin with `prefix/`, without it."""
        return {name[len(prefix) + 1 :]: array for name, array in self.arrays.items() if name.startswith(f"{prefix}/")}


def name_arrays(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The arrays with `prefix/` before their names."""
    return {f"{prefix}/{name}": array for name, array in arrays.items()}


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Put it in the place of the one before; whoever is cut off in between has one or the other, or none."""
    fresh, kept = folder / f"{_FOLDER}.new", folder / _FOLDER
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    save_file(dict(checkpoint.arrays), fresh / _ARRAYS)
    (fresh / _FACTS).write_text(json.dumps(checkpoint.facts), encoding="utf-8")
    shutil.rmtree(kept, ignore_errors=True)
    fresh.rename(kept)


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """The one that lies there; None where there is none, or none that is whole."""
    kept = folder / _FOLDER
    if not kept.is_dir():
        return None
    try:
        return Checkpoint(json.loads((kept / _FACTS).read_text(encoding="utf-8")), load_file(kept / _ARRAYS))
    except (OSError, ValueError, SafetensorError) as error:
        get_logger("frameworks").warning(
            "the checkpoint in %s cannot be read, so training begins anew: %s", kept, error
        )
        return None
