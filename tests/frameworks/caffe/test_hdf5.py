from __future__ import annotations

from pathlib import Path

import pytest

from dix.errors import BadData, DataMissing
from dix.frameworks.caffe.hdf5 import open_hdf5


def test_what_is_no_hdf5_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match=r"a\.h5"):
        open_hdf5(tmp_path / "a.h5")
    (tmp_path / "a.h5").write_text("no")
    with pytest.raises(BadData, match="not an HDF5 file"):
        open_hdf5(tmp_path / "a.h5")
