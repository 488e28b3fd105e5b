"""A consistent copy of the open file."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from dix.catalog.file import CatalogFile
from dix.errors import CatalogError


def copy_file(file: CatalogFile, path: Path) -> None:
    """Copy the file to `path`, which is there whole or not at all; writers wait meanwhile, readers do not.

    After a checkpoint everything is in the one file, and nothing writes to it while the writer's lock is held.
    """
    half = path.with_name(f".{path.name}.half")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with file.locked() as connection:
            connection.execute("FORCE CHECKPOINT")
            shutil.copyfile(file.path, half)
        with half.open("rb") as copy:
            os.fsync(copy.fileno())
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise CatalogError(f"its snapshot {path} cannot be written: {error.strerror}") from error
