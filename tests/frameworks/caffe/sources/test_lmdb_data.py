from __future__ import annotations

from pathlib import Path

import lmdb
import numpy as np
import pytest

from dix.errors import BadData, DataMissing
from dix.frameworks.caffe.net import Net
from dix.frameworks.caffe.schema import make_raw_message
from tests.frameworks.caffe.making import make_net, write_lmdb


def read(folder: Path, more: str = "backend: LMDB", tops: str = 'top: "data" top: "label"') -> Net:
    text = f'layer {{ name: "d" type: "Data" {tops} data_param {{ source: "records" batch_size: 4 {more} }} }}'
    return make_net(text, folder=folder)


def test_records_come_in_the_order_of_their_keys_and_over_the_end_of_the_batch(tmp_path: Path) -> None:
    images = np.arange(6).reshape(6, 1, 1, 1)
    write_lmdb(tmp_path / "records", images, [0, 1, 2, 3, 4, 5])
    net = read(tmp_path)
    assert net.shapes == {"data": (4, 1, 1, 1), "label": (4,)}
    assert [net.forward()["label"].tolist() for _ in range(3)] == [[0, 1, 2, 3], [4, 5, 0, 1], [2, 3, 4, 5]]
    assert net.forward()["data"].flatten().tolist() == [0, 1, 2, 3]


def test_two_nets_read_the_same_records_each_at_its_own_place(tmp_path: Path) -> None:
    write_lmdb(tmp_path / "records", np.zeros((6, 1, 1, 1)), [0, 1, 2, 3, 4, 5])
    one, other = read(tmp_path), read(tmp_path, tops='top: "data"')
    one.forward()
    assert other.forward().keys() == {"data"}
    assert one.forward()["label"].tolist() == [4, 5, 0, 1]


def test_floats_are_records_too(tmp_path: Path) -> None:
    datum = make_raw_message("Datum")
    datum.channels, datum.height, datum.width = 1, 1, 2
    datum.float_data.extend([0.5, -0.5])
    with lmdb.open(str(tmp_path / "records")) as environment, environment.begin(write=True) as transaction:
        transaction.put(b"0", datum.SerializeToString())
    assert read(tmp_path).forward()["data"][0].flatten().tolist() == [0.5, -0.5]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="records"):
        read(tmp_path)
    (tmp_path / "records").mkdir()
    with pytest.raises(BadData, match="cannot be opened as LMDB"):
        read(tmp_path)
    with lmdb.open(str(tmp_path / "records")) as environment:
        with pytest.raises(BadData, match="already open"):
            read(tmp_path)
        with environment.begin(write=True) as transaction:
            transaction.put(b"7", b"\xff\xff")
    with pytest.raises(BadData, match="records record 7: it is not a Datum"):
        read(tmp_path)
    with pytest.raises(BadData, match="not supported with LevelDB"):
        read(tmp_path, "backend: LEVELDB")
