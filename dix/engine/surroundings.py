"""What is the same for every step of this installation: the algorithms' source, and versions of what they stand on."""

from __future__ import annotations

import functools
import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dix.engine.recipes import Surroundings

# Whatever changes in these rooms may change what an algorithm leaves.
_ROOMS = ("algorithms", "data", "frameworks")
_FRAMEWORKS = ("torch", "tensorflow")
_LIBRARIES = ("numpy", "pyarrow", "pillow")


def look_around(store: str) -> Surroundings:
    """The surroundings of steps over the store at this URL; read once a process."""
    return Surroundings(_hash_source(), _read_versions(), store, _describe_environment())


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


@functools.cache
def _describe_environment() -> str:
    libraries = (f"{name} {_read_version(name)}" for name in _LIBRARIES)
    return ", ".join((f"python {platform.python_version()}", *libraries))


def _read_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
