"""Bring columns of numbers to one scale."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import pyarrow as pa

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.data.detect import Detection
from dix.data.parquet_files import find_table
from dix.data.part_files import write_part_files
from dix.data.scaling import METHODS, Scale, apply_scales, is_numeric, learn_scales, scale_schema
from dix.data.tables import check_columns, read_batches, read_schema
from dix.errors import BadData
from dix.flow.spec import AlgorithmSpec, PortKind, PortSpec
from dix.store.store import Store


class Normalize(Algorithm):
    """Learns the scales from `fit`, or from `data`, in one pass, and applies them in a second one."""

    spec = AlgorithmSpec(
        name="normalize",
        title="Normalize",
        help="Brings columns of numbers to one scale, learned from the same data or from another set.",
        inputs=(
            PortSpec("data", help="A table."),
            PortSpec("fit", required=False, help="The table that the scales are learned from; otherwise data itself."),
        ),
        outputs=(
            PortSpec("data", help="The table with its numbers brought to scale, as Parquet."),
            PortSpec("metrics", PortKind.METRICS, help="statistics.json: center and width of each column."),
        ),
        params={
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "columns": {
                    "type": "array", "default": [], "items": {"type": "string", "minLength": 1},
                    "description": "The columns that are brought to scale; empty: all that hold numbers.",
                },
                "exclude": {
                    "type": "array", "default": ["label"], "items": {"type": "string", "minLength": 1},
                    "description": "Columns that are left as they are where columns is empty.",
                },
                "method": {
                    "type": "string", "default": "zscore", "enum": list(METHODS),
                    "description": (
                        "zscore: mean 0 and deviation 1; minmax: from 0 to 1; robust: median 0 and quartiles 1 apart, "
                        "for which the columns of fit are held in memory. Constant columns become 0."
                    ),
                },
            },
        },
    )  # fmt: skip

    def run(self, context: StepContext) -> StepResult:
        store, params = context.store, context.params
        data = find_table(store, context.inputs["data"])
        fit = find_table(store, context.inputs["fit"]) if "fit" in context.inputs else data
        schema = read_schema(store, data.files[0], data.format)
        columns = _choose_columns(context, schema)
        fit_schema = read_schema(store, fit.files[0], fit.format)
        _check_numeric(fit.files[0].uri, fit_schema, columns)
        scales = learn_scales(_read(store, fit, columns), columns, params["method"])
        batches = (apply_scales(batch, scales) for batch in _read_alike(store, data, schema))
        rows = write_part_files(batches, scale_schema(schema, scales), context.output("data"))
        constant = [name for name, scale in scales.items() if not scale.width]
        _write_statistics(context, scales, constant)
        missing = sum(scale.missing for scale in scales.values())
        return StepResult(
            metrics={"rows": rows, "columns": len(scales), "constant": ", ".join(constant), "missing_in_fit": missing}
        )


def _choose_columns(context: StepContext, schema: pa.Schema) -> list[str]:
    uri, wanted = context.inputs["data"], list(dict.fromkeys(context.params["columns"]))
    if wanted:
        _check_numeric(uri, schema, wanted)
        return wanted
    found = [field.name for field in schema if is_numeric(field.type) and field.name not in context.params["exclude"]]
    if not found:
        raise BadData(uri, "it has no column of numbers beside those of exclude", "name some in columns")
    return found


def _check_numeric(uri: str, schema: pa.Schema, columns: Sequence[str]) -> None:
    check_columns(uri, schema, columns)
    for name in columns:
        if not is_numeric(schema.field(name).type):
            raise BadData(uri, f"column {name} is of type {schema.field(name).type}, numbers were expected")


def _read(store: Store, found: Detection, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for file in found.files:
        for batch in read_batches(store, file, found.format, columns):
            _check_numeric(file.uri, batch.schema, columns)
            yield batch


def _read_alike(store: Store, found: Detection, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for file in found.files:
        for batch in read_batches(store, file, found.format):
            if not batch.schema.equals(schema):
                raise BadData(file.uri, f"its columns differ from those of {found.files[0].path}")
            yield batch


def _write_statistics(context: StepContext, scales: dict[str, Scale], constant: Sequence[str]) -> None:
    told = {
        "method": context.params["method"],
        "columns": {name: asdict(scale) for name, scale in scales.items()},
        "constant": list(constant),
    }
    text = json.dumps(told, indent=2, ensure_ascii=False)
    (context.output("metrics") / "statistics.json").write_text(text + "\n", encoding="utf-8")
