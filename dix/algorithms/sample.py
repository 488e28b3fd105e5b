"""Take a part of a data set by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.data.bad_rows import BadRows
from dix.data.detect import MIXED, detect_format
from dix.data.files import list_data_files
from dix.data.sampling import choose_sample
from dix.data.splitting import read_groups, write_parts
from dix.errors import BadData, BadValue
from dix.flow.spec import AlgorithmSpec, PortSpec


class Sample(Algorithm):
    """Takes rows of a table (as Parquet), or files (as they are, in the same folders); their order is kept."""

    spec = AlgorithmSpec(
        name="sample",
        title="Sample",
        help="Takes some rows or files by chance, none of them twice.",
        inputs=(PortSpec("data", help="A table, or a folder of files."),),
        outputs=(PortSpec("data", help="What was taken, in the order that it had."),),
        params={
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "fraction": {
                    "type": ["number", "null"], "default": None, "exclusiveMinimum": 0, "maximum": 1,
                    "description": "Which share is taken; give this or rows.",
                },
                "rows": {
                    "type": ["integer", "null"], "default": None, "minimum": 1,
                    "description": "How many rows or files are taken; give this or fraction.",
                },
                "stratify": {
                    "type": "boolean", "default": False,
                    "description": "Whether each class is taken by its share of all.",
                },
                "label_column": {
                    "type": "string", "default": "label", "minLength": 1,
                    "description": "The column of a table that holds the classes to stratify by; folders need none.",
                },
                "seed": {
                    "type": "integer", "default": 0, "minimum": 0, "maximum": 4_294_967_295,
                    "description": "Where chance begins; the same number takes the same rows.",
                },
            },
        },
    )  # fmt: skip

    def run(self, context: StepContext) -> StepResult:
        uri, params = context.inputs["data"], context.params
        found = detect_format(context.store, uri, list_data_files(context.store, uri))
        if found.format == MIXED:
            raise BadData(uri, f"it is {found.describe()}", "give it data of one format")
        bad_rows = BadRows(context.bad_rows)
        groups = read_groups(context.store, found, params["label_column"] if params["stratify"] else None, bad_rows)
        left_out = bad_rows.finish(uri, len(groups))
        usable = np.flatnonzero(groups >= 0)
        chosen = choose_sample(groups[usable], _find_count(uri, len(usable), params), params["seed"])
        parts = np.full(len(groups), -1, dtype=np.int8)
        parts[usable[chosen]] = 0
        write_parts(context.store, found, parts, [context.output("data")])
        return StepResult(metrics={"rows": int(chosen.sum()), "of": len(usable)} | left_out)


def _find_count(uri: str, there: int, params: dict[str, Any]) -> int:
    rows, fraction = params["rows"], params["fraction"]
    if (rows is None) == (fraction is None):
        got = "none" if rows is None else "both"
        raise BadValue("fraction", "either fraction or rows", got, "give one of them")
    if rows is None:
        count = round(there * float(fraction))
        if count == 0:
            raise BadData(uri, f"a fraction of {fraction} of {there} is nothing", "take a greater one")
        return count
    if rows > there:
        raise BadData(uri, f"{rows} rows were asked for, and there are {there}", f"ask for {there} at most")
    return int(rows)
