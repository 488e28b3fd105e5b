"""Applying a change set in one transaction, in SQL: a few statements, however many moves it has."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pyarrow as pa

from dix.catalog.columns import Row, make_batch, to_json, to_micros, to_text
from dix.catalog.file import CatalogFile, Connection, given
from dix.catalog.models import Registration, get_registered, register
from dix.catalog.moves import StepKey, Verdict, judge_moves
from dix.catalog.rows import STEP_KINDS, make_step_row
from dix.catalog.telemetry import write_events
from dix.records.change import ChangeResult, ChangeSet, RunMove
from dix.records.model_version import ModelVersion
from dix.records.states import RunState, StepState, run_is_over

_STEP_KEY = (("run", pa.string()), ("node", pa.string()))
_STEP_VALUES = ", ".join(f"{name} = given.{name}" for name, _kind in STEP_KINDS if name not in {"run", "node"})
_RUN_MOVE = (
    ("id", pa.string()),
    ("state", pa.string()),
    ("started", pa.int64()),
    ("ended", pa.int64()),
    ("reason", pa.string()),
    ("error", pa.string()),
)


class Change:
    """A change set made ready outside the transaction; BadValue for values that JSON cannot hold."""

    def __init__(self, file: CatalogFile, changes: ChangeSet) -> None:
        self._file = file
        self._changes = changes
        self._rows = {id(move): make_step_row(move.step) for move in changes.steps}
        self._manifests = {
            id(move.model): to_json("manifest", move.model.manifest) for move in changes.steps if move.model
        }

    def apply(self, connection: Connection) -> ChangeResult:
        """Write what is accepted; for the writer's open transaction."""
        keys = {(move.step.run, move.step.node) for move in self._changes.steps}
        runs = {move.id for move in self._changes.runs} | {move.step.run for move in self._changes.steps if move.model}
        states = _read_step_states(connection, keys)
        found = _read_runs(connection, runs)
        verdict = judge_moves(self._changes, states, {run: state for run, (state, _project) in found.items()})
        _update_steps(connection, [self._rows[id(move)] for move in verdict.steps.values()])
        _update_runs(connection, [_fold_moves(moves) for moves in verdict.runs.values()])
        write_events(self._file, connection, verdict.events)
        projects = {run: project for run, (_state, project) in found.items()}
        models = self._register(connection, verdict, projects)
        return ChangeResult(tuple(verdict.refused_steps), tuple(verdict.refused_runs), models)

    def _register(
        self, connection: Connection, verdict: Verdict, projects: dict[str, str]
    ) -> dict[StepKey, ModelVersion]:
        return {
            key: register(
                self._file,
                connection,
                Registration(draft, self._manifests[id(draft)], projects.get(key[0], "default"), *key),
            )
            for key, draft in verdict.models
        }


def write_result(result: ChangeResult) -> str:
    """The result as text, for a repeat of the same request."""
    models = [[*key, version.model, version.version] for key, version in result.models.items()]
    return json.dumps([result.refused_steps, result.refused_runs, models])


def read_result(connection: Connection, text: str) -> ChangeResult:
    """The result that `write_result` wrote."""
    steps, runs, models = json.loads(text)
    return ChangeResult(
        tuple((run, node) for run, node in steps),
        tuple(runs),
        {(run, node): get_registered(connection, model, version) for run, node, model, version in models},
    )


def _read_step_states(connection: Connection, keys: set[StepKey]) -> dict[StepKey, StepState]:
    if not keys:
        return {}
    with given(connection, make_batch(_STEP_KEY, list(keys))):
        rows = connection.execute(
            "SELECT run, node, state FROM steps JOIN given USING (run, node)",
        ).fetchall()
    return {(run, node): StepState(state) for run, node, state in rows}


def _read_runs(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[RunState, str]]:
    wanted = list(ids)
    if not wanted:
        return {}
    with given(connection, pa.table({"id": pa.array(wanted, pa.string())})):
        rows = connection.execute("SELECT id, state, project FROM runs JOIN given USING (id)").fetchall()
    return {run: (RunState(state), project) for run, state, project in rows}


def _update_steps(connection: Connection, rows: list[Row]) -> None:
    if not rows:
        return
    with given(connection, make_batch(STEP_KINDS, rows)):
        connection.execute(
            f"UPDATE steps SET {_STEP_VALUES} FROM given WHERE steps.run = given.run AND steps.node = given.node"
        )


def _fold_moves(moves: list[RunMove]) -> Row:
    """The moves of one run as one row: what they leave it as."""
    last = moves[-1]
    started = next((to_micros(move.at) for move in moves if _starts(move)), None)
    ended = to_micros(last.at) if run_is_over(last.to) else None
    return (last.id, last.to.value, started, ended, to_text(last.reason), to_text(last.error))


def _starts(move: RunMove) -> bool:
    return move.expect is RunState.QUEUED and move.to is RunState.RUNNING


def _update_runs(connection: Connection, rows: list[Row]) -> None:
    if not rows:
        return
    with given(connection, make_batch(_RUN_MOVE, rows)):
        connection.execute(
            """
            UPDATE runs SET state = given.state, started = coalesce(given.started, runs.started),
                ended = coalesce(given.ended, runs.ended), reason = given.reason, error = given.error
            FROM given WHERE runs.id = given.id
            """
        )
