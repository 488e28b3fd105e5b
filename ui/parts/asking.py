"""Writes an example of how an endpoint is asked, in the Open Inference Protocol v2."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# As many numbers as still read well in an example.
MAX_VALUES = 256
# A flexible dimension that is not the batch: as many as make the example whole.
ANY_SIZE = 1


def write_curl(address: str, manifest: Mapping[str, Any]) -> str:
    """The command that asks `address` about one row; `manifest` is the model's."""
    body = json.dumps(make_request(manifest), ensure_ascii=False)
    quoted = body.replace("'", "'\\''")
    return (
        f"curl {address}/infer \\\n"
        '  -H "Authorization: Bearer $DIX_TOKEN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '{quoted}'"
    )


def make_request(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A request for one row with zeros (or empty text) in place of the values."""
    signature = manifest.get("signature")
    inputs = signature.get("inputs") if isinstance(signature, dict) else None
    known = [tensor for tensor in inputs if isinstance(tensor, dict)] if isinstance(inputs, list) else []
    return {"inputs": [_make_tensor(tensor) for tensor in known] or [_make_tensor({})]}


def _make_tensor(tensor: Mapping[str, Any]) -> dict[str, Any]:
    shape = [1, *(size if size > 0 else ANY_SIZE for size in list(tensor.get("shape", (-1, 1)))[1:])]
    datatype = str(tensor.get("datatype", "FP32"))
    zeros: dict[str, str | bool] = {"BYTES": "", "BOOL": False}
    value = zeros.get(datatype, 0)
    count = 1
    for size in shape:
        count *= size
    data = [value] * count if count <= MAX_VALUES else [f"{count} values"]
    return {"name": str(tensor.get("name", "input")), "shape": shape, "datatype": datatype, "data": data}
