"""Removing a folder with all that is in it, however deep it is and whatever may be read there."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def remove_tree(folder: Path) -> None:
    """Remove a folder; what cannot be removed stays, and nothing is raised.

    Not by recursion, and not by paths: a step may make folders within folders until no path names the last one. What
    lies in a folder of the folder is moved up into the folder itself, until there is nothing deeper.
    """
    with contextlib.suppress(OSError):
        if folder.is_symlink():
            return
        folder.chmod(0o700)
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            _empty(top)
        finally:
            os.close(top)
        folder.rmdir()


def _empty(top: int) -> None:
    stuck: set[str] = set()
    while names := [name for name in os.listdir(top) if name not in stuck]:
        for name in names:
            if not _remove_file(name, top) and not _remove_folder(name, top):
                stuck.add(name)


def _remove_file(name: str, parent: int) -> bool:
    return _is_done(lambda: os.unlink(name, dir_fd=parent))


def _remove_folder(name: str, top: int) -> bool:
    """Whether nothing is left of a folder in `top` but what was moved up."""
    # The owner may have taken the rights from himself.
    if not _is_done(lambda: os.chmod(name, 0o700, dir_fd=top)):
        return False
    try:
        folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    except OSError:
        return False
    try:
        for inner in os.listdir(folder):  # noqa: PTH208 a descriptor, not a path
            if not _remove_file(inner, folder):
                _move_up(inner, folder, top)
    finally:
        os.close(folder)
    return _is_done(lambda: os.rmdir(name, dir_fd=top))


def _move_up(name: str, folder: int, top: int) -> None:
    _is_done(lambda: os.chmod(name, 0o700, dir_fd=folder))
    _is_done(lambda: os.rename(name, secrets.token_hex(8), src_dir_fd=folder, dst_dir_fd=top))


def _is_done(deed: Callable[[], None]) -> bool:
    try:
        deed()
    except OSError:
        return False
    return True
