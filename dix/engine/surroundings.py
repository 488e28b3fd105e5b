"""What is the same for every step of this installation: the algorithms' source, and versions of what they stand on."""

from __future__ import annotations

import functools
import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dix.engine.recipes import Surroundings

# Whatever changes in these rooms may change what an algorithm leaves.
_ROOMS = ("algorithms", "data", "frameworks")
_FRAMEWORKS = ("torch", "tensorflow")


def look_around(store: str) -> Surroundings:
    """The surroundings of steps over the store at this URL; read once a process."""
    return Surroundings(_hash_source(), _read_versions(), store)


@functools.cache
def _hash_source() -> str:
    digest = hashlib.sha256()
    package = Path(__file__).parents[1]
    for room in _ROOMS:
        for file in sorted((package / room).rglob("*.py")):
            digest.update(f"{file.relative_to(package).as_posix()}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@functools.cache
def _read_versions() -> dict[str, str]:
    return {name: _read_version(name) for name in ("dix", *_FRAMEWORKS)}


def _read_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
