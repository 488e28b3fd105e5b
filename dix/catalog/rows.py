"""Runs and steps as rows of their tables, and back."""

from __future__ import annotations

import pyarrow as pa

from dix.catalog.columns import Row, find_moment, from_json, from_micros, to_json, to_micros, to_text
from dix.records.run import Run
from dix.records.states import Driver, RunState, StepState
from dix.records.step import Step

RUN_KINDS = (
    ("id", pa.string()),
    ("flow", pa.string()),
    ("flow_version", pa.int32()),
    ("created", pa.int64()),
    ("project", pa.string()),
    ("state", pa.string()),
    ("driver", pa.string()),
    ("params", pa.string()),
    ("selection", pa.string()),
    ("logical_date", pa.int64()),
    ("started", pa.int64()),
    ("ended", pa.int64()),
    ("reason", pa.string()),
    ("error", pa.string()),
    ("retry_of", pa.string()),
    ("event", pa.string()),
    ("user", pa.string()),
    ("cache", pa.bool_()),
    ("priority", pa.int32()),
    ("models", pa.string()),
    ("code", pa.string()),
    ("origin", pa.string()),
    ("place", pa.int64()),
    ("held", pa.bool_()),
    ("interval_start", pa.int64()),
    ("interval_end", pa.int64()),
)
RUN_COLUMNS = ", ".join(name for name, _kind in RUN_KINDS)
STEP_KINDS = (
    ("run", pa.string()),
    ("node", pa.string()),
    ("state", pa.string()),
    ("attempt", pa.int32()),
    ("started", pa.int64()),
    ("ended", pa.int64()),
    ("reason", pa.string()),
    ("error", pa.string()),
    ("trace", pa.string()),
    ("progress", pa.float64()),
    ("outputs", pa.string()),
    ("metrics", pa.string()),
    ("failures", pa.int32()),
    ("digests", pa.string()),
    ("origin", pa.string()),
    ("why_run", pa.string()),
    ("reclaims", pa.int32()),
    ("stored_bytes", pa.int64()),
)
STEP_COLUMNS = ", ".join(name for name, _kind in STEP_KINDS)


def make_run_row(run: Run) -> Row:
    """In the order of RUN_COLUMNS; BadValue for parameters that JSON cannot hold."""
    return (
        run.id,
        run.flow,
        run.flow_version,
        to_micros(run.created),
        run.project,
        run.state.value,
        run.driver.value,
        to_json("params", run.params),
        to_json("selection", run.selection),
        to_micros(run.logical_date),
        to_micros(run.started),
        to_micros(run.ended),
        to_text(run.reason),
        to_text(run.error),
        run.retry_of,
        to_text(run.event),
        run.user,
        run.cache,
        run.priority,
        to_json("models", run.models),
        to_json("code", run.code),
        run.origin,
        run.place,
        run.held,
        to_micros(run.interval_start),
        to_micros(run.interval_end),
    )


def read_run(row: Row) -> Run:
    """The run of a row in the order of RUN_COLUMNS."""
    key, flow, flow_version, created, project, state, driver, params, selection, logical_date, started, ended = row[:12]
    reason, error, retry_of, event, user, cache, priority, models, code = row[12:21]
    origin, place, held, interval_start, interval_end = row[21:26]
    return Run(
        key,
        flow,
        flow_version,
        from_micros(created),
        project,
        RunState(state),
        Driver(driver),
        from_json(params),
        from_json(selection),
        find_moment(logical_date),
        find_moment(started),
        find_moment(ended),
        reason,
        error,
        retry_of,
        event,
        user,
        cache,
        priority,
        from_json(models),
        from_json(code),
        origin,
        place,
        held,
        find_moment(interval_start),
        find_moment(interval_end),
    )


def make_step_row(step: Step) -> Row:
    """In the order of STEP_COLUMNS; BadValue for metrics that JSON cannot hold."""
    return (
        step.run,
        step.node,
        step.state.value,
        step.attempt,
        to_micros(step.started),
        to_micros(step.ended),
        to_text(step.reason),
        to_text(step.error),
        to_text(step.trace),
        step.progress,
        to_json("outputs", step.outputs),
        to_json("metrics", step.metrics),
        step.failures,
        to_json("digests", step.digests),
        step.origin,
        to_text(step.why_run),
        step.reclaims,
        step.stored_bytes,
    )


def read_step(row: Row) -> Step:
    """The step of a row in the order of STEP_COLUMNS."""
    run, node, state, attempt, started, ended, reason, error, trace, progress, outputs, metrics = row[:12]
    failures, digests, origin, why_run, reclaims, stored_bytes = row[12:]
    return Step(
        run,
        node,
        StepState(state),
        attempt,
        find_moment(started),
        find_moment(ended),
        reason,
        error,
        trace,
        progress,
        from_json(outputs),
        from_json(metrics),
        failures,
        from_json(digests),
        origin,
        why_run,
        reclaims,
        stored_bytes,
    )
