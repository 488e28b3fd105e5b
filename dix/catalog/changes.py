"""Applying change sets in one transaction, in SQL: a few statements, however many moves there are."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pyarrow as pa

from dix.catalog.attempts import check_attempts, write_attempts
from dix.catalog.batches import check_batch, execute_with, make_batch
from dix.catalog.columns import Row, to_json, to_micros, to_text
from dix.catalog.file import CatalogFile
from dix.catalog.model_rows import get_version
from dix.catalog.models import Registration, register
from dix.catalog.moves import StepKey, Verdict
from dix.catalog.open_runs import OpenRuns
from dix.catalog.results import write_fingerprints
from dix.catalog.rows import STEP_KINDS, make_step_row
from dix.catalog.telemetry import write_events
from dix.catalog.writes import Connection
from dix.records.change import ChangeResult, ChangeSet, RunMove, StepMove
from dix.records.model_version import ModelDraft, ModelVersion
from dix.records.states import RunState, run_is_over

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
    """A change set made ready outside the transaction; BadValue for values that JSON cannot hold.

    Once it is made, nothing in it can hinder its being written.
    """

    def __init__(self, moves: ChangeSet) -> None:
        self.moves = moves
        self.runs = {move.id for move in moves.runs} | {move.step.run for move in moves.steps}
        self._rows = {id(move): make_step_row(move.step) for move in moves.steps}
        self._manifests = {id(move): to_json("manifest", move.model.manifest) for move in moves.steps if move.model}
        # These raise for a value of the wrong type.
        check_batch(STEP_KINDS, list(self._rows.values()))
        check_batch(_RUN_MOVE, [_fold_moves([move]) for move in moves.runs])
        check_attempts([move.attempt for move in moves.steps if move.attempt])

    def count(self) -> int:
        """How many moves there are."""
        return len(self.moves.steps) + len(self.moves.runs)

    def has_models(self) -> bool:
        """Whether a move registers a model."""
        return bool(self._manifests)

    def get_row(self, move: StepMove) -> Row:
        """The row of a move's step."""
        return self._rows[id(move)]

    def make_registration(self, move: StepMove, draft: ModelDraft, project: str) -> Registration:
        """What is to be registered with a move."""
        return Registration(draft, self._manifests[id(move)], project, move.step.run, move.step.node)


@dataclass(frozen=True, slots=True)
class Decided:
    """A change set and what comes of it."""

    change: Change
    verdict: Verdict

    def count(self) -> int:
        """How many moves there are."""
        return self.change.count()


def apply_changes(
    file: CatalogFile, connection: Connection, open_runs: OpenRuns, changes: list[Change]
) -> list[ChangeResult]:
    """Write what is accepted of each change set, each seeing what the ones before it did; for the open transaction."""
    open_runs.load(connection, set().union(*(change.runs for change in changes)))
    decided = [Decided(change, open_runs.judge(change.moves)) for change in changes]
    return write_decided(file, connection, open_runs, decided)


def write_decided(
    file: CatalogFile, connection: Connection, open_runs: OpenRuns, changes: list[Decided]
) -> list[ChangeResult]:
    """Write what was accepted of each change set, in the order in which they were judged; for the open transaction."""
    step_rows: dict[StepKey, Row] = {}
    run_moves: dict[str, list[RunMove]] = {}
    results = []
    for one in changes:
        step_rows |= {key: one.change.get_row(move) for key, move in one.verdict.steps.items()}
        for run, moves in one.verdict.runs.items():
            run_moves.setdefault(run, []).extend(moves)
        models = _register_models(file, connection, open_runs, one)
        step_rows |= _name_models(one.verdict, models)
        results.append(replace(make_result(one.verdict), models=models))
    _update_steps(connection, list(step_rows.values()))
    _update_runs(connection, [_fold_moves(moves) for moves in run_moves.values()])
    write_attempts(connection, [attempt for one in changes for attempt in one.verdict.attempts])
    write_fingerprints(connection, (move for one in changes for move in one.verdict.steps.values()))
    write_events(file, connection, [event for one in changes for event in one.verdict.events])
    return results


def make_result(verdict: Verdict) -> ChangeResult:
    """The answer, without models."""
    return ChangeResult(tuple(verdict.refused_steps), tuple(verdict.refused_runs))


def write_result(result: ChangeResult) -> str:
    """The result as text, for a repeat of the same request."""
    models = [[*key, version.model, version.version] for key, version in result.models.items()]
    return json.dumps([result.refused_steps, result.refused_runs, models])


def read_result(connection: Connection, _change: object, text: str) -> ChangeResult:
    """The result that `write_result` wrote."""
    steps, runs, models = json.loads(text)
    return ChangeResult(
        tuple((run, node) for run, node in steps),
        tuple(runs),
        {(run, node): get_version(connection, model, version) for run, node, model, version in models},
    )


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
    file: CatalogFile, connection: Connection, open_runs: OpenRuns, decided: Decided
) -> dict[StepKey, ModelVersion]:
    registered = {}
    for move, draft in decided.verdict.models:
        wanted = decided.change.make_registration(move, draft, open_runs.get_project(move.step.run))
        registered[move.step.run, move.step.node] = register(file, connection, wanted)
    return registered
