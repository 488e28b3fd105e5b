"""Ask tables in SQL."""

from __future__ import annotations

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.data.parquet_files import gather_parquet
from dix.data.part_files import write_part_files
from dix.data.query import Room, open_query
from dix.flow.spec import AlgorithmSpec, PortSpec


class Sql(Algorithm):
    """Each input is a table under the name of its port; the answer becomes Parquet."""

    spec = AlgorithmSpec(
        name="sql",
        title="SQL",
        help="Asks the tables that flow in: one SELECT of DuckDB, in which each input has the name of its port.",
        inputs=(),
        outputs=(PortSpec("data", help="The rows of the answer, as Parquet."),),
        params={
            "type": "object",
            "additionalProperties": False,
            "required": ["query"],
            "properties": {
                "query": {
                    "type": "string", "default": "SELECT * FROM data", "minLength": 1, "maxLength": 100_000,
                    "description": (
                        "One SELECT in DuckDB's SQL. An input is a table with the name of its port, in double quotes "
                        "where that is a word of SQL; nothing else can be read. Decimals become floats. Rows have an "
                        "order only where ORDER BY says so, and what depends on random() or now() is kept as it came: "
                        "set cache: false to have it asked anew."
                    ),
                },
            },
        },
        open_inputs=True,
    )  # fmt: skip

    def run(self, context: StepContext) -> StepResult:
        tables = {
            port: gather_parquet(context.store, uri, context.scratch / "tables" / port)
            for port, uri in context.inputs.items()
        }
        room = Room(max(1, int(context.cpus)), context.memory_bytes, context.scratch / "spilled")
        with open_query(tables, room) as query:
            schema, batches = query.ask(context.params["query"])
            rows = write_part_files(batches, schema, context.output("data"))
        return StepResult(metrics={"rows": rows, "columns": len(schema.names)})
