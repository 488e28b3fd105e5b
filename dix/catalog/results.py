"""The drawer of results, in SQL: successes of earlier steps, found by what they were made by."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pyarrow as pa

from dix.catalog.base import Results
from dix.catalog.columns import Row
from dix.catalog.file import CatalogFile
from dix.catalog.rows import STEP_COLUMNS, read_step
from dix.records.recipe import Recipe, make_key, write_parts
from dix.records.result import Result

RECIPE_KINDS = (("recipe", pa.int64()), ("parts", pa.string()))

_LATEST_RUNS = 20  # in which the last success of a node is looked for
_COLUMNS = ", ".join(f"steps.{name}" for name in STEP_COLUMNS.split(", ")) + ", steps.parts"


class ResultTable:
    """Reads the steps that succeeded; they are written as steps (`runs`)."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file

    def find_results(self, flow: str, project: str, recipes: Sequence[Recipe], depth: int = 5) -> tuple[Result, ...]:
        if not recipes:
            return ()
        digests = {make_key(digest): digest for digest in (recipe.digest for recipe in recipes)}
        rows = self._ask(
            f"""
            SELECT {_COLUMNS} FROM steps JOIN runs ON runs.id = steps.run
            WHERE steps.recipe IN ({_places(digests)}) AND steps.state = 'succeeded'
                AND runs.flow = ? AND runs.project = ?
            QUALIFY row_number() OVER (PARTITION BY steps.recipe ORDER BY steps.ended DESC, steps.run DESC) <= ?
            ORDER BY steps.ended DESC, steps.run DESC
            """,
            [*digests, flow, project, depth],
        )
        return tuple(result for result in map(_read, rows) if result.recipe.digest in digests.values())

    def find_last(self, flow: str, project: str, nodes: Sequence[str]) -> dict[str, Result]:
        if not nodes:
            return {}
        found = self._ask(
            "SELECT id FROM runs WHERE flow = ? AND project = ? ORDER BY created DESC, id DESC LIMIT ?",
            [flow, project, _LATEST_RUNS],
        )
        if not found:
            return {}
        # Runs of one time lie together, so that only a few blocks of the table are read.
        rows = self._ask(
            f"""
            SELECT {_COLUMNS} FROM steps
            WHERE run IN ({_places(found)}) AND node = ANY(?::VARCHAR[]) AND state = 'succeeded' AND parts IS NOT NULL
            ORDER BY ended, run
            """,
            [*(run for (run,) in found), list(nodes)],
        )
        return {result.step.node: result for result in map(_read, rows)}

    def list_recipes(self, run: str) -> dict[str, Recipe]:
        rows = self._ask("SELECT node, parts FROM steps WHERE run = ? AND parts IS NOT NULL", [run])
        return {node: Recipe(json.loads(parts)) for node, parts in rows}

    def _ask(self, sql: str, values: list[object]) -> list[Row]:
        with self._file.reading() as cursor:
            return cursor.execute(sql, values).fetchall()


def make_recipe_row(recipe: Recipe) -> Row:
    """In the order of RECIPE_KINDS."""
    return (make_key(recipe.digest), write_parts(recipe.parts))


def _read(row: Row) -> Result:
    return Result(read_step(row[:-1]), Recipe(json.loads(row[-1])))


def _places(values: Sequence[object] | dict[int, str]) -> str:
    return ", ".join("?" for _ in values)


def _fits(table: ResultTable) -> Results:
    return table
