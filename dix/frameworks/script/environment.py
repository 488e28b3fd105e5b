"""The Python that a script runs with: ours, or one with what its requirements.txt asks for besides."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import site
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dix.errors import BadValue, PlatformError
from dix.store.digest import hash_listing

REQUIREMENTS = "requirements.txt"
_READY = ".ready"
_SHOWN = 300


def default_folder() -> Path:
    """Where environments are kept on a machine; whoever cleans the folder for temporary files may take them."""
    return Path(tempfile.gettempdir()) / f"dix-environments-{os.getuid()}"


def find_python(code: Path, folder: Path | None = None) -> str:
    """The interpreter for the code in a folder; made when it is asked for the first time, by one process of many.

    Raises BadValue with pip's own reason for requirements that cannot be installed.
    """
    asked = code / REQUIREMENTS
    if not asked.is_file() or not _list_lines(asked):
        return sys.executable
    base = folder or default_folder()
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    if base.is_symlink() or base.stat().st_uid != os.getuid():
        raise PlatformError(f"{base} belongs to another account, so packages cannot be kept there; remove it")
    place = base / _make_key(asked)
    with _lock(base / f"{place.name}.lock"):
        if not (place / _READY).is_file():
            _make(place, asked)
    return str(place / "bin" / "python")


def _make_key(asked: Path) -> str:
    """Equal for equal requirements on an equal Python; files that are named beside them count with their content."""
    parts = [("python", f"{sys.version} {sys.prefix}"), (REQUIREMENTS, asked.read_text(errors="replace"))]
    if any(line.startswith((".", "/", "-")) or "file:" in line for line in _list_lines(asked)):
        files = [path for path in sorted(asked.parent.rglob("*")) if path.is_file()]
        parts += [(str(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]
    return hash_listing((name, hashlib.sha256(text.encode()).hexdigest()) for name, text in parts)[:24]


def _make(place: Path, asked: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)  # what somebody has begun who did not live to end it
    _run([sys.executable, "-m", "venv", "--without-pip", str(place)], asked.parent)
    # Its own packages come first; what we run with stands behind them.
    inner = sysconfig.get_path("purelib", "venv", {"base": str(place), "platbase": str(place)})
    (Path(inner) / "dix-behind.pth").write_text("".join(f"{path}\n" for path in _list_behind()))
    python = str(place / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "--no-input", "install"]
    try:
        _run([*pip, "--quiet", "-r", REQUIREMENTS], asked.parent)
    except BadValue:
        shutil.rmtree(place, ignore_errors=True)
        raise
    (place / _READY).touch()


def _list_behind() -> list[str]:
    """Where our own packages are found, and DI-X itself."""
    return list(dict.fromkeys([*site.getsitepackages(), str(Path(__file__).parents[3])]))


def _run(command: list[str], folder: Path) -> None:
    result = subprocess.run(  # noqa: S603 our own words
        command, cwd=folder, capture_output=True, text=True, errors="replace", check=False, stdin=subprocess.DEVNULL
    )
    if result.returncode != 0:
        said = [line for line in f"{result.stdout}\n{result.stderr}".splitlines() if line.strip()]
        errors = [line.removeprefix("ERROR: ") for line in said if line.startswith("ERROR:")] or said[-1:] or ["?"]
        what = "packages that can be installed"
        raise BadValue(REQUIREMENTS, what, errors[-1][:_SHOWN], "correct the file, or leave it out")


def _list_lines(asked: Path) -> list[str]:
    lines = (line.strip() for line in asked.read_text(errors="replace").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """One process at a time; the others wait, and the lock of one that dies is free."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
