"""Put the columns of two tables beside each other, where they have the same key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.data.join_query import JoinOrder, count_matched, write_join
from dix.data.parquet_files import gather_parquet
from dix.data.part_files import write_part_files
from dix.data.query import Room, open_query
from dix.data.tables import check_columns
from dix.errors import BadData
from dix.flow.spec import AlgorithmSpec, PortSpec

_SIDES = ("left", "right")


class Join(Algorithm):
    """Joins on equal columns, in bounded memory; the answer becomes Parquet."""

    spec = AlgorithmSpec(
        name="join",
        title="Join",
        help="Puts the columns of two tables beside each other, where they have the same key.",
        inputs=(
            PortSpec("left", help="A table."),
            PortSpec("right", help="A table with the same key."),
        ),
        outputs=(PortSpec("data", help="The joined rows, as Parquet, in no order that could be relied on."),),
        params={
            "type": "object",
            "additionalProperties": False,
            "required": ["on"],
            "properties": {
                "on": {
                    "type": ["string", "array"], "default": "id", "minLength": 1, "minItems": 1,
                    "items": {"type": "string", "minLength": 1},
                    "description": "The column, or the list of columns, that both tables have and that must be equal.",
                },
                "how": {
                    "type": "string", "default": "inner", "enum": ["inner", "left", "full", "semi", "anti"],
                    "description": (
                        "inner: rows that both have; left: all of left; full: all of both; semi: rows of left that "
                        "right has; anti: rows of left that right does not have. An empty key equals nothing."
                    ),
                },
                "suffix": {
                    "type": "string", "default": "_right", "minLength": 1,
                    "description": "What is put behind the name of a column of right that left has, too.",
                },
            },
        },
    )  # fmt: skip

    def run(self, context: StepContext) -> StepResult:
        tables = {
            side: gather_parquet(context.store, context.inputs[side], context.scratch / "tables" / side)
            for side in _SIDES
        }
        on = context.params["on"]
        keys = tuple([on] if isinstance(on, str) else dict.fromkeys(on))
        room = Room(max(1, int(context.cpus)), context.memory_bytes, context.scratch / "spilled")
        with open_query(tables, room) as query:
            schemas = {side: query.ask(f'SELECT * FROM "{side}" LIMIT 0')[0] for side in _SIDES}  # noqa: S608
            _check_keys(context.inputs, schemas, keys)
            order = JoinOrder(
                keys, context.params["how"], context.params["suffix"],
                tuple(schemas["left"].names), tuple(schemas["right"].names),
            )  # fmt: skip
            schema, batches = query.ask(write_join(order))
            rows = write_part_files(batches, schema, context.output("data"))
            return StepResult(metrics={"rows": rows, **count_matched(query, keys)})


def _check_keys(inputs: dict[str, str], schemas: dict[str, pa.Schema], keys: Sequence[str]) -> None:
    """Raises BadData for a key that one side does not have, and for keys that can never be equal."""
    for side in _SIDES:
        check_columns(inputs[side], schemas[side], keys)
    for key in keys:
        left, right = (schemas[side].field(key).type for side in _SIDES)
        if _find_kind(left) != _find_kind(right):
            raise BadData(
                inputs["right"], f"column {key} is of type {right}, in left of type {left}, so they are never equal",
                "bring both to one type with a sql node before",
            )  # fmt: skip


def _find_kind(kind: Any) -> str:
    """Types of one kind can be compared."""
    if pa.types.is_dictionary(kind):
        return _find_kind(kind.value_type)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text"
    return "moment" if pa.types.is_timestamp(kind) or pa.types.is_date(kind) else str(kind)
