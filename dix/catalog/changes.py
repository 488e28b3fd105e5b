"""Applying change sets in one transaction, in SQL: a few statements, however many moves there are."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow as pa

from dix.catalog.attempts import write_attempts
from dix.catalog.batches import execute_with, make_batch
from dix.catalog.columns import Row, to_json, to_micros, to_text
from dix.catalog.file import CatalogFile
from dix.catalog.models import Registration, get_registered, register
from dix.catalog.moves import StepKey, Verdict, judge_moves
from dix.catalog.results import write_fingerprints
from dix.catalog.rows import STEP_KINDS, make_step_row
from dix.catalog.telemetry import write_events
from dix.catalog.writes import Connection
from dix.records.change import ChangeResult, ChangeSet, RunMove, StepMove
from dix.records.model_version import ModelDraft, ModelVersion
from dix.records.states import RunState, StepState, run_is_over

_STEP_VALUES = ", ".join(f"{name} = given.{name}" for name, _kind in STEP_KINDS if name not in {"run", "node"})
_STEP_PLACES = ", ".join(f"{name} = ?" for name, _kind in STEP_KINDS if name not in {"run", "node"})
_RUN_MOVE = (
    ("id", pa.string()),
    ("state", pa.string()),
    ("started", pa.int64()),
    ("ended", pa.int64()),
    ("reason", pa.string()),
    ("error", pa.string()),
    ("priority", pa.int32()),
)


class Change:
    """A change set made ready outside the transaction; BadValue for values that JSON cannot hold."""

    def __init__(self, moves: ChangeSet) -> None:
        self.moves = moves
        self.step_keys = {(move.step.run, move.step.node) for move in moves.steps}
        # A step that registers a model needs its run, for the project.
        self.runs = {move.id for move in moves.runs} | {move.step.run for move in moves.steps if move.model}
        self._rows = {id(move): make_step_row(move.step) for move in moves.steps}
        self._manifests = {id(move): to_json("manifest", move.model.manifest) for move in moves.steps if move.model}

    def get_row(self, move: StepMove) -> Row:
        """The row of a move's step."""
        return self._rows[id(move)]

    def make_registration(self, move: StepMove, draft: ModelDraft, project: str) -> Registration:
        """What is to be registered with a move."""
        return Registration(draft, self._manifests[id(move)], project, move.step.run, move.step.node)


def apply_changes(file: CatalogFile, connection: Connection, changes: list[Change]) -> list[ChangeResult]:
    """Write what is accepted of each change set, each seeing what the ones before it did; for the open transaction."""
    steps = _read_steps(connection, set().union(*(change.step_keys for change in changes)))
    found = _read_runs(connection, set().union(*(change.runs for change in changes)))
    runs = {run: state for run, (state, _project) in found.items()}
    verdicts = [judge_moves(change.moves, steps, runs) for change in changes]
    step_rows: dict[StepKey, Row] = {}
    run_moves: dict[str, list[RunMove]] = {}
    for change, verdict in zip(changes, verdicts, strict=True):
        step_rows |= {key: change.get_row(move) for key, move in verdict.steps.items()}
        for run, moves in verdict.runs.items():
            run_moves.setdefault(run, []).extend(moves)
    projects = {run: project for run, (_state, project) in found.items()}
    results = [
        ChangeResult(
            tuple(verdict.refused_steps),
            tuple(verdict.refused_runs),
            _register_models(file, connection, change, verdict, projects),
        )
        for change, verdict in zip(changes, verdicts, strict=True)
    ]
    for verdict, result in zip(verdicts, results, strict=True):
        step_rows |= _name_models(verdict, result.models)
    _update_steps(connection, list(step_rows.values()))
    _update_runs(connection, [_fold_moves(moves) for moves in run_moves.values()])
    write_attempts(connection, [attempt for verdict in verdicts for attempt in verdict.attempts])
    write_fingerprints(connection, (move for verdict in verdicts for move in verdict.steps.values()))
    write_events(file, connection, [event for verdict in verdicts for event in verdict.events])
    return results


def write_result(result: ChangeResult) -> str:
    """The result as text, for a repeat of the same request."""
    models = [[*key, version.model, version.version] for key, version in result.models.items()]
    return json.dumps([result.refused_steps, result.refused_runs, models])


def read_result(connection: Connection, _change: Change, text: str) -> ChangeResult:
    """The result that `write_result` wrote."""
    steps, runs, models = json.loads(text)
    return ChangeResult(
        tuple((run, node) for run, node in steps),
        tuple(runs),
        {(run, node): get_registered(connection, model, version) for run, node, model, version in models},
    )


def _read_steps(connection: Connection, keys: set[StepKey]) -> dict[StepKey, StepState]:
    if not keys:
        return {}
    # Filters on the runs and on the nodes find them faster than a join does; the few steps too many do no harm.
    runs, nodes = list({run for run, _node in keys}), list({node for _run, node in keys})
    places = ", ".join("?" for _ in runs)
    rows = connection.execute(
        f"SELECT run, node, state FROM steps WHERE run IN ({places}) AND node = ANY(?::VARCHAR[])", [*runs, nodes]
    ).fetchall()
    return {(run, node): StepState(state) for run, node, state in rows}


def _read_runs(connection: Connection, ids: set[str]) -> dict[str, tuple[RunState, str]]:
    if not ids:
        return {}
    rows = connection.execute(
        "SELECT id, state, project FROM runs WHERE id = ANY(?::VARCHAR[])", [list(ids)]
    ).fetchall()
    return {run: (RunState(state), project) for run, state, project in rows}


def _update_steps(connection: Connection, rows: list[Row]) -> None:
    if len(rows) == 1:
        # Half the cost of the join below, for the change set of a single move.
        run, node, *values = rows[0]
        connection.execute(f"UPDATE steps SET {_STEP_PLACES} WHERE run = ? AND node = ?", [*values, run, node])
    elif rows:
        sql = f"UPDATE steps SET {_STEP_VALUES} FROM given WHERE steps.run = given.run AND steps.node = given.node"
        execute_with(connection, sql, make_batch(STEP_KINDS, rows))


def _fold_moves(moves: list[RunMove]) -> Row:
    """The moves of one run as one row: what they leave it as."""
    last = moves[-1]
    started = next((to_micros(move.at) for move in moves if _starts(move)), None)
    ended = to_micros(last.at) if run_is_over(last.to) else None
    priority = next((move.priority for move in reversed(moves) if move.priority is not None), None)
    return (last.id, last.to.value, started, ended, to_text(last.reason), to_text(last.error), priority)


def _starts(move: RunMove) -> bool:
    return move.expect is RunState.QUEUED and move.to is RunState.RUNNING


def _update_runs(connection: Connection, rows: list[Row]) -> None:
    if rows:
        sql = """
            UPDATE runs SET state = given.state, started = coalesce(given.started, runs.started),
                ended = coalesce(given.ended, runs.ended), reason = given.reason, error = given.error,
                priority = coalesce(given.priority, runs.priority)
            FROM given WHERE runs.id = given.id
            """
        execute_with(connection, sql, make_batch(_RUN_MOVE, rows))


def _name_models(verdict: Verdict, models: dict[StepKey, ModelVersion]) -> dict[StepKey, Row]:
    """The rows of the steps that registered a model, with its reference among their outputs."""
    moves = {(move.step.run, move.step.node): move for move, _draft in verdict.models}
    return {
        key: make_step_row(replace(moves[key].step, outputs={**moves[key].step.outputs, "model": version.reference}))
        for key, version in models.items()
    }


def _register_models(
    file: CatalogFile, connection: Connection, change: Change, verdict: Verdict, projects: dict[str, str]
) -> dict[StepKey, ModelVersion]:
    registered = {}
    for move, draft in verdict.models:
        wanted = change.make_registration(move, draft, projects.get(move.step.run, "default"))
        registered[move.step.run, move.step.node] = register(file, connection, wanted)
    return registered
