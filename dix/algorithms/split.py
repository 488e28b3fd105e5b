"""Divide a data set into one to train on, one to stop by and one to test with."""

from __future__ import annotations

import numpy as np

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.data.bad_rows import BadRows
from dix.data.detect import MIXED, detect_format
from dix.data.dividing import divide
from dix.data.files import list_data_files
from dix.data.splitting import read_groups, write_parts
from dix.errors import BadData, BadValue
from dix.flow.spec import AlgorithmSpec, PortSpec

_PORTS = ("train", "valid", "test")


class Split(Algorithm):
    """Divides rows of a table (the parts are Parquet), or files (the parts are files in the same folders)."""

    spec = AlgorithmSpec(
        name="split",
        title="Split",
        help="Divides a data set by chance into train, valid and test, each class in the same proportion.",
        inputs=(PortSpec("data", help="A table, or a folder of files."),),
        outputs=tuple(PortSpec(name) for name in _PORTS),
        params={
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "fractions": {
                    "type": "array", "default": [0.8, 0.1, 0.1], "minItems": 3, "maxItems": 3,
                    "items": {"type": "number", "minimum": 0, "maximum": 1},
                    "description": "The shares of train, valid and test; together 1.",
                },
                "stratify": {
                    "type": "boolean", "default": True,
                    "description": "Whether each class is divided in the same proportion.",
                },
                "label_column": {
                    "type": "string", "default": "label", "minLength": 1,
                    "description": "The column of a table that holds the classes; class folders need none.",
                },
                "seed": {
                    "type": "integer", "default": 0, "minimum": 0, "maximum": 4_294_967_295,
                    "description": "Where chance begins; the same number gives the same parts.",
                },
            },
        },
    )  # fmt: skip

    def run(self, context: StepContext) -> StepResult:
        uri, params = context.inputs["data"], context.params
        fractions = [float(fraction) for fraction in params["fractions"]]
        if abs(sum(fractions) - 1.0) > 1e-6:
            raise BadValue("fractions", "three shares that together are 1", params["fractions"])
        found = detect_format(context.store, uri, list_data_files(context.store, uri))
        if found.format == MIXED:
            raise BadData(uri, f"it is {found.describe()}", "give it data of one format")
        bad_rows = BadRows(context.bad_rows)
        groups = read_groups(context.store, found, params["label_column"] if params["stratify"] else None, bad_rows)
        left_out = bad_rows.finish(uri, len(groups))
        parts = np.full(len(groups), -1, dtype=np.int8)
        parts[groups >= 0] = divide(groups[groups >= 0], fractions, params["seed"])
        write_parts(context.store, found, parts, [context.output(port) for port in _PORTS])
        counts = {port: int((parts == i).sum()) for i, port in enumerate(_PORTS)}
        return StepResult(metrics=counts | left_out)
