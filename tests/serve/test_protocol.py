"""The Open Inference Protocol v2 in JSON: good requests, every kind of wrong one, responses."""

import json
from typing import Any

import numpy as np
import pytest

from dix.errors import BadData, BadValue, NotYet
from dix.frameworks.base import ModelCard, TensorSpec
from dix.serve.protocol import read_request, write_metadata, write_response

CARD = ModelCard(
    algorithm="cnn",
    framework="torch",
    inputs=(TensorSpec("image", "UINT8", (-1, 2, 2)), TensorSpec("scale", "FP32", (-1,))),
    outputs=(TensorSpec("label", "BYTES", (-1,)), TensorSpec("probabilities", "FP32", (-1, 2))),
    labels=("a", "b"),
)


def image(**changes: Any) -> dict[str, Any]:
    return {"name": "image", "shape": [1, 2, 2], "datatype": "UINT8", "data": [0, 1, 2, 255], **changes}


def scale(**changes: Any) -> dict[str, Any]:
    return {"name": "scale", "shape": [1], "datatype": "FP32", "data": [0.5], **changes}


def body(*inputs: Any, **changes: Any) -> bytes:
    return json.dumps({"inputs": list(inputs) or [image(), scale()], **changes}).encode()


def one(spec: TensorSpec, **tensor: Any) -> np.ndarray:
    card = ModelCard("cnn", "torch", (spec,), CARD.outputs)
    whole = {"name": spec.name, "datatype": spec.datatype, **tensor}
    return read_request(json.dumps({"inputs": [whole]}).encode(), card).columns[spec.name]


def test_flat_and_nested_data_mean_the_same() -> None:
    flat = read_request(body(), CARD).columns["image"]
    nested = read_request(body(image(data=[[[0, 1], [2, 255]]]), scale()), CARD).columns["image"]
    assert flat.dtype == np.uint8
    np.testing.assert_array_equal(flat, nested)
    np.testing.assert_array_equal(flat, np.array([[[0, 1], [2, 255]]]))


@pytest.mark.parametrize(
    ("datatype", "data"),
    [
        ("BOOL", [True, False]),
        ("UINT8", [0, 255]),
        ("UINT16", [0, 65535]),
        ("UINT32", [0, 2**32 - 1]),
        ("UINT64", [0, 2**64 - 1]),
        ("INT8", [-128, 127]),
        ("INT16", [-32768, 32767]),
        ("INT32", [-(2**31), 2**31 - 1]),
        ("INT64", [-(2**63), 2**63 - 1]),
        ("FP16", [0.5, -65504.0]),
        ("FP32", [0.1, -3.0e38]),
        ("FP64", [0.1, 1e308]),
        ("BYTES", ["", "数字 \n\u0000"]),
    ],
)
def test_every_datatype_keeps_its_values(datatype: str, data: list[Any]) -> None:
    values = one(TensorSpec("x", datatype, (-1,)), shape=[2], data=data)
    assert values.tolist() == np.array(data, dtype=values.dtype).tolist()
    card = ModelCard("cnn", "torch", (TensorSpec("x", datatype, (-1,)),), (TensorSpec("x", datatype, (-1,)),))
    request = read_request(
        json.dumps({"inputs": [{"name": "x", "datatype": datatype, "shape": [2], "data": data}]}).encode(), card
    )
    answer = json.loads(write_response("m", "1", request, {"x": values}))["outputs"][0]
    assert answer["datatype"] == datatype
    assert np.array(answer["data"], dtype=values.dtype).tolist() == values.tolist()


def test_whole_numbers_may_be_written_with_a_point() -> None:
    assert one(TensorSpec("x", "UINT8", (-1,)), shape=[2], data=[1.0, 2]).tolist() == [1, 2]
    assert one(TensorSpec("x", "FP32", (-1,)), shape=[2], data=[1, 2]).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("datatype", "data"), [("FP64", [0.5, None]), ("BYTES", ["a", None]), ("BYTES", [None])])
def test_null_is_a_missing_value_where_it_may_be(datatype: str, data: list[Any]) -> None:
    values = one(TensorSpec("x", datatype, (-1,), optional=True), shape=[len(data)], data=data)
    np.testing.assert_array_equal(values, np.array(data, dtype=values.dtype))
    with pytest.raises(BadValue, match="got 'null'"):
        one(TensorSpec("x", datatype, (-1,)), shape=[len(data)], data=data)


def test_id_is_echoed_and_outputs_are_chosen_in_the_order_asked_for() -> None:
    request = read_request(
        body(id="七", outputs=[{"name": "probabilities", "parameters": {"classification": 2}}], parameters={"a": 1}),
        CARD,
    )
    answers = {"label": np.array(["a"], dtype=object), "probabilities": np.array([[0.1, 0.9]], dtype=np.float32)}
    assert json.loads(write_response("digits", "3", request, answers)) == {
        "model_name": "digits",
        "model_version": "3",
        "id": "七",
        "outputs": [{"name": "probabilities", "shape": [1, 2], "datatype": "FP32", "data": [0.1, 0.9]}],
    }


def test_without_an_id_none_is_made_up_and_all_outputs_come() -> None:
    answers = {"label": np.array(["a"], dtype=object), "probabilities": np.array([[0.1, 0.9]], dtype=np.float32)}
    document = json.loads(write_response("digits", "3", read_request(body(), CARD), answers))
    assert "id" not in document
    assert document["outputs"][0] == {"name": "label", "shape": [1], "datatype": "BYTES", "data": ["a"]}


WRONG = {
    "nothing": (b"", "body: expected JSON"),
    "no json": (b"{'inputs': []}", "body: expected JSON"),
    "no utf-8": (b'{"id": "\xff"}', "body: expected JSON"),
    "NaN": (b'{"inputs": [{"name": "image", "data": [NaN]}]}', "body: expected JSON"),
    "infinity": (b'{"inputs": [{"name": "image", "data": [1e999]}]}', "body: expected JSON"),
    "too deep": (b'{"inputs": ' + b"[" * 5000 + b"]" * 5000 + b"}", "body: expected JSON"),
    "a list": (b"[]", "got 'a list'"),
    "no inputs": (b"{}", "inputs: expected a list of tensors, got 'nothing'"),
    "inputs of texts": (body("image"), "inputs: expected a list of tensors"),
    "an input missing": (body(image()), "none called scale"),
    "an input twice": (body(image(), image()), "inputs[1].name: expected each input once"),
    "a wrong name": (body(image(name="imagee"), scale()), "did you mean image?"),
    "a name that is none": (body(image(name=7), scale()), "inputs[0].name: expected one of image, scale"),
    "no datatype": (body({"name": "image", "shape": [1, 2, 2], "data": [1]}), "expected UINT8 for image"),
    "another datatype": (body(image(datatype="FP32"), scale()), "expected UINT8 for image, got 'FP32'"),
    "no shape": (body(image(shape=None), scale()), "inputs[0].shape: expected a list of whole numbers"),
    "a negative size": (body(image(shape=[-1, 2, 2]), scale()), "inputs[0].shape"),
    "a boolean size": (body(image(shape=[True, 2, 2]), scale()), "inputs[0].shape"),
    "another shape": (body(image(shape=[1, 4]), scale()), "inputs[0].shape: expected UINT8 [n, 2, 2], got [1, 4]"),
    "an empty batch": (body(image(shape=[0, 2, 2], data=[]), scale(shape=[0], data=[])), "at least one row"),
    "a batch beyond the data": (body(image(shape=[10**18, 2, 2]), scale()), "values for the shape"),
    "no data": (body({"name": "image", "shape": [1, 2, 2], "datatype": "UINT8"}, scale()), "inputs[0].data"),
    "data that is a number": (body(image(data=3), scale()), "inputs[0].data: expected a list"),
    "too few values": (body(image(data=[1, 2, 3]), scale()), "expected 4 values"),
    "too many values": (body(image(data=[1] * 5), scale()), "expected 4 values"),
    "ragged lists": (body(image(data=[[[1, 2], [3]]]), scale()), "lists nested as the shape"),
    "lists nested too deep": (body(image(data=[[[[1], [2]], [[3], [4]]]]), scale()), "numbers for UINT8, got 'lists'"),
    "lists nested otherwise": (body(image(data=[[1, 2, 3, 4]]), scale()), "lists nested as the shape"),
    "too big for the type": (body(image(data=[0, 1, 2, 256]), scale()), "from 0 to 255"),
    "negative for the type": (body(image(data=[0, 1, 2, -1]), scale()), "from 0 to 255"),
    "beyond 64 bits": (body(image(data=[0, 1, 2, 2**70]), scale()), "from 0 to 255"),
    "a fraction": (body(image(data=[0, 1, 2, 0.5]), scale()), "whole numbers"),
    "a text among numbers": (body(image(data=[0, 1, 2, "3"]), scale()), "numbers for UINT8, got 'texts'"),
    "a boolean among numbers": (body(image(data=[0, 1, 2, True]), scale()), "got 'true or false'"),
    "null among numbers": (body(image(data=[0, 1, 2, None]), scale()), "got 'null'"),
    "beyond FP32": (body(image(), scale(data=[1e39])), "in the range of FP32"),
    "rows that differ": (body(image(), scale(shape=[2], data=[1, 2])), "the same number of rows"),
    "an id that is no text": (body(id=7), "id: expected a text"),
    "an unknown output": (body(outputs=[{"name": "lable"}]), "did you mean label?"),
    "outputs that are none": (body(outputs="label"), "outputs: expected a list"),
    "parameters that are none": (body(parameters=[1]), "request.parameters: expected an object"),
    "a parameter that is an object": (body(parameters={"a": {}}), "request.parameters.a"),
}


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_wrong_request_is_told_what_is_wrong(case: str) -> None:
    text, expected = WRONG[case]
    with pytest.raises(BadValue) as caught:
        read_request(text, CARD)
    assert expected in str(caught.value)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


def test_wrong_values_of_other_types_are_told() -> None:
    with pytest.raises(BadValue, match="texts for BYTES, got 'numbers'"):
        one(TensorSpec("x", "BYTES", (-1,)), shape=[2], data=["a", 1])
    with pytest.raises(BadValue, match="true or false for BOOL, got 'numbers'"):
        one(TensorSpec("x", "BOOL", (-1,)), shape=[2], data=[True, 1])


def test_a_long_text_among_many_numbers_costs_no_memory() -> None:
    with pytest.raises(BadValue, match="texts"):
        one(TensorSpec("x", "FP32", (-1,)), shape=[1_000_000], data=["x" * 1_000_000, *[1] * 999_999])


@pytest.mark.parametrize(
    "changes",
    [
        {"parameters": {"binary_data_output": True}},
        {"inputs": [image(parameters={"binary_data_size": 4}), scale()]},
        {"outputs": [{"name": "label", "parameters": {"binary_data": True}}]},
    ],
)
def test_binary_tensors_are_told_to_be_not_there_yet(changes: dict[str, Any]) -> None:
    with pytest.raises(NotYet, match="binary"):
        read_request(body(**changes), CARD)


def test_answers_that_json_cannot_say_are_refused() -> None:
    request = read_request(body(), CARD)
    label = np.array(["a"], dtype=object)
    with pytest.raises(BadData, match="probabilities is not a number"):
        write_response("m", "1", request, {"label": label, "probabilities": np.array([[np.nan, 1]])})
    with pytest.raises(BadData, match="promises the output probabilities"):
        write_response("m", "1", request, {"label": label})
    with pytest.raises(BadData, match="no text"):
        write_response(
            "m", "1", request, {"label": np.array([b"\xff"], dtype=object), "probabilities": np.ones((1, 2))}
        )


def test_arrays_in_any_layout_are_written_row_by_row() -> None:
    request = read_request(body(outputs=[{"name": "probabilities"}]), CARD)
    values = np.asfortranarray(np.array([[1, 2], [3, 4]], dtype=">f8"))
    answer = json.loads(write_response("m", "1", request, {"probabilities": values}))["outputs"][0]
    assert answer == {"name": "probabilities", "shape": [2, 2], "datatype": "FP32", "data": [1, 2, 3, 4]}


def test_metadata_says_what_goes_in_and_what_comes_out() -> None:
    assert json.loads(write_metadata("digits", "3", CARD)) == {
        "name": "digits",
        "versions": ["3"],
        "platform": "pytorch_safetensors",
        "inputs": [
            {"name": "image", "datatype": "UINT8", "shape": [-1, 2, 2]},
            {"name": "scale", "datatype": "FP32", "shape": [-1]},
        ],
        "outputs": [
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
            {"name": "probabilities", "datatype": "FP32", "shape": [-1, 2]},
        ],
    }
