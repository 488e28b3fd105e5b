from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from dix.errors import BadData
from dix.frameworks.caffe.net import Net
from tests.frameworks.caffe.making import make_net


def write(folder: Path, *files: list[int]) -> None:
    for i, rows in enumerate(files):
        with h5py.File(folder / f"{i}.h5", "w") as file:
            file["x"] = np.array(rows)[:, None]
            file["t"] = np.array(rows)
    (folder / "list.txt").write_text("\n".join(f"{i}.h5" for i in range(len(files))))


def read(folder: Path, more: str = "", tops: str = 'top: "x" top: "t"') -> Net:
    param = f'hdf5_data_param {{ source: "list.txt" batch_size: 3 {more} }}'
    return make_net(f'layer {{ name: "d" type: "HDF5Data" {tops} {param} }}', folder=folder)


def test_rows_go_on_from_file_to_file_and_over_the_end(tmp_path: Path) -> None:
    write(tmp_path, [0, 1, 2, 3], [4])
    net = read(tmp_path)
    assert net.shapes == {"x": (3, 1), "t": (3,)}
    assert [net.forward()["t"].tolist() for _ in range(3)] == [[0, 1, 2], [3, 4, 0], [1, 2, 3]]


def test_shuffled_rows_come_all_once_an_epoch(tmp_path: Path) -> None:
    write(tmp_path, list(range(30)))
    net = read(tmp_path, "shuffle: true")
    epoch = [value for _ in range(10) for value in net.forward()["t"].tolist()]
    assert sorted(epoch) == list(range(30))
    assert epoch != sorted(epoch)


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    write(tmp_path, [1])
    with pytest.raises(BadData, match="no dataset y, it has t, x"):
        read(tmp_path, tops='top: "y"')
    with pytest.raises(BadData, match="takes no transform_param"):
        read(tmp_path, tops='top: "x" transform_param { scale: 2 }')
    with h5py.File(tmp_path / "0.h5", "a") as file:
        del file["t"]
        file["t"] = np.zeros(5)
    with pytest.raises(BadData, match=r"its datasets have \[1, 5\] rows"):
        read(tmp_path)
    (tmp_path / "list.txt").write_text("\n")
    with pytest.raises(BadData, match="names no file"):
        read(tmp_path)
