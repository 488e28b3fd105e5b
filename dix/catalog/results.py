"""The drawer of results, in SQL: successes of earlier steps, found by what they were made by."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dix.catalog.base import Results
from dix.catalog.batches import insert_rows
from dix.catalog.columns import Row
from dix.catalog.file import CatalogFile
from dix.catalog.rows import STEP_COLUMNS, read_step
from dix.catalog.writes import Connection
from dix.records.change import StepMove
from dix.records.recipe import Recipe, make_key, write_parts
from dix.records.result import Result

RECIPE_KINDS = (("recipe", pa.int64()), ("parts", pa.string()))

_FINGERPRINT_KINDS = (
    ("fingerprint", pa.int64()),
    ("parts", pa.string()),
    ("run", pa.string()),
    ("node", pa.string()),
)
_LATEST_RUNS = 20  # in which the last success of a node is looked for
_COLUMNS = ", ".join(f"steps.{name}" for name in STEP_COLUMNS.split(", ")) + ", steps.parts"


class ResultTable:
    """Reads the steps that succeeded; they are written as steps (`runs`), and their fingerprints with changes."""

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
        runs = self._list_latest_runs(flow, project) if nodes else []
        if not runs:
            return {}
        # Runs of one time lie together, so that only a few blocks of the table are read.
        rows = self._ask(
            f"""
            SELECT {_COLUMNS} FROM steps
            WHERE run IN ({_places(runs)}) AND node = ANY(?::VARCHAR[]) AND state = 'succeeded' AND parts IS NOT NULL
            ORDER BY ended, run
            """,
            [*runs, list(nodes)],
        )
        return {result.step.node: result for result in map(_read, rows)}

    def find_same(self, fingerprints: Sequence[Recipe], depth: int = 3) -> tuple[Result, ...]:
        if not fingerprints:
            return ()
        digests = {make_key(digest): digest for digest in (one.digest for one in fingerprints)}
        found = self._ask(
            f"""
            SELECT run, node, parts FROM fingerprints WHERE fingerprint IN ({_places(digests)})
            QUALIFY row_number() OVER (PARTITION BY fingerprint ORDER BY rowid DESC) <= ?
            """,
            [*digests, depth],
        )
        results = self._read_steps({(run, node): parts for run, node, parts in found})
        return tuple(result for result in results if result.recipe.digest in digests.values())

    def find_last_same(self, flow: str, project: str) -> dict[str, Result]:
        runs = self._list_latest_runs(flow, project)
        if not runs:
            return {}
        found = self._ask(
            f"""
            SELECT run, node, parts FROM fingerprints WHERE run IN ({_places(runs)})
            QUALIFY row_number() OVER (PARTITION BY node ORDER BY rowid DESC) = 1
            """,
            runs,
        )
        return {one.step.node: one for one in self._read_steps({(run, node): parts for run, node, parts in found})}

    def list_keys(self) -> NDArray[np.int64]:
        with self._file.reading() as cursor:
            keys = cursor.execute("SELECT DISTINCT fingerprint FROM fingerprints ORDER BY fingerprint").fetchnumpy()
        return np.asarray(keys["fingerprint"], dtype=np.int64)

    def _read_steps(self, parts: Mapping[tuple[str, str], str]) -> tuple[Result, ...]:
        """The steps with these keys and parts, newest first."""
        if not parts:
            return ()
        # Filters on the runs and on the nodes find them faster than a join does.
        runs, nodes = {run for run, _node in parts}, {node for _run, node in parts}
        rows = self._ask(
            f"""
            SELECT {STEP_COLUMNS} FROM steps WHERE run IN ({_places(runs)}) AND node = ANY(?::VARCHAR[])
            ORDER BY ended DESC, run DESC
            """,
            [*runs, list(nodes)],
        )
        return tuple(
            Result(step, Recipe(json.loads(parts[step.run, step.node])))
            for step in map(read_step, rows)
            if (step.run, step.node) in parts
        )

    def list_recipes(self, run: str) -> dict[str, Recipe]:
        rows = self._ask("SELECT node, parts FROM steps WHERE run = ? AND parts IS NOT NULL", [run])
        return {node: Recipe(json.loads(parts)) for node, parts in rows}

    def _list_latest_runs(self, flow: str, project: str) -> list[object]:
        rows = self._ask(
            "SELECT id FROM runs WHERE flow = ? AND project = ? ORDER BY created DESC, id DESC LIMIT ?",
            [flow, project, _LATEST_RUNS],
        )
        return [run for (run,) in rows]

    def _ask(self, sql: str, values: list[object]) -> list[Row]:
        with self._file.reading() as cursor:
            return cursor.execute(sql, values).fetchall()


def make_recipe_row(recipe: Recipe) -> Row:
    """In the order of RECIPE_KINDS."""
    return (make_key(recipe.digest), write_parts(recipe.parts))


def _read(row: Row) -> Result:
    return Result(read_step(row[:-1]), Recipe(json.loads(row[-1])))


def write_fingerprints(connection: Connection, moves: Iterable[StepMove]) -> None:
    """Let the successes among accepted moves be found by their fingerprints; for the open transaction."""
    rows = [
        (*make_recipe_row(move.fingerprint), move.step.run, move.step.node)
        for move in moves
        if move.fingerprint is not None
    ]
    insert_rows(connection, "fingerprints", _FINGERPRINT_KINDS, rows)


def _places(values: Collection[object]) -> str:
    return ", ".join("?" for _ in values)


def _fits(table: ResultTable) -> Results:
    return table
