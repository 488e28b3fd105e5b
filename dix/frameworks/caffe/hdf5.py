"""Open HDF5 files, which hold data, weights or a solver's state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py

from dix.errors import BadData, DataMissing


def open_hdf5(path: Path) -> Any:
    """An HDF5 file to read, as h5py's own object; raises DataMissing or BadData."""
    if not path.is_file():
        raise DataMissing(str(path), "there is no such file")
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise BadData(str(path), "it is not an HDF5 file", "is the file whole?") from error
