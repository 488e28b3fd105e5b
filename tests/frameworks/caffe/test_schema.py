from __future__ import annotations

from google.protobuf import descriptor_pool

from dix.frameworks.caffe.schema import list_messages, make_message, make_raw_message


def test_it_has_the_messages_of_caffe_with_their_defaults() -> None:
    assert {"NetParameter", "SolverParameter", "BlobProto", "Datum", "V1LayerParameter"} <= set(list_messages())
    assert len(list_messages()) == 61
    solver = make_message("SolverParameter")
    assert (solver.type, solver.momentum2, solver.snapshot_after_train) == ("SGD", make_float(0.999), True)
    assert make_message("PoolingParameter").DESCRIPTOR.fields_by_name["pool"].default_value == 0


def make_float(value: float) -> float:
    import numpy as np

    return float(np.float32(value))


def test_the_default_pool_of_protobuf_is_left_alone() -> None:
    make_message("NetParameter")
    pool = descriptor_pool.Default()
    assert make_message("NetParameter").DESCRIPTOR.file.pool is not pool


def test_raw_numbers_are_the_bytes_of_packed_floats() -> None:
    blob = make_message("BlobProto")
    blob.data.extend([1.0, -2.0])
    raw = make_raw_message("BlobProto")
    raw.ParseFromString(blob.SerializeToString())
    assert raw.data == b"\x00\x00\x80?\x00\x00\x00\xc0"
    assert raw.SerializeToString() == blob.SerializeToString()
