"""Which file of the code is run, and how."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from dix.errors import BadValue, NotFound
from dix.frameworks.script.order import ScriptOrder
from dix.names import find_nearest

_USUAL = ("train.py", "main.py", "train.sh")
_ENDINGS = (".py", ".sh")


def find_entry(code: Path, named: str | None) -> str:
    """The file that is named, else the only script of the folder, else the one that is called as most are.

    Raises NotFound with the nearest, BadValue where it cannot be guessed or is none that can be run.
    """
    scripts = sorted(path.name for path in code.iterdir() if path.is_file() and path.suffix in _ENDINGS)
    if named is None:
        usual = [name for name in _USUAL if name in scripts]
        if len(scripts) != 1 and not usual:
            got = ", ".join(scripts[:10]) or "none"
            raise BadValue("entry", "the file of the code that is to be run", got, "name one, as entry: train.py")
        return (usual or scripts)[0]
    path = PurePosixPath(named)
    if path.is_absolute() or ".." in path.parts or path.suffix not in _ENDINGS:
        raise BadValue("entry", "a .py or .sh file in the code", named)
    if not (code / path).is_file():
        files = [one.relative_to(code).as_posix() for one in code.rglob("*") if one.suffix in _ENDINGS]
        raise NotFound("file in the code", named, find_nearest(named, files))
    return str(path)


def make_command(python: str, order: ScriptOrder) -> list[str]:
    """The command, to be run in the folder of the code."""
    if order.entry.endswith(".sh"):
        return ["/bin/bash", order.entry, *order.words]
    return [python, order.entry, *order.words]
