"""What a notebook shows of a flow, a run and a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dix.client.pictures.graphs import draw_graph
from dix.client.pictures.tables import Html, bar, write_facts, write_state, write_table, write_text
from dix.errors import BadDocument
from dix.flow.shape import shape_flow
from dix.flow.text import read_flow
from dix.records.flow_version import FlowVersion
from dix.records.model_version import ModelVersion
from dix.records.moments import now
from dix.records.run import Run
from dix.records.step import Step


def draw_flow(document: Mapping[str, Any]) -> str:
    """The graph of a document, or what is wrong with its shape."""
    head = (
        f"<div>flow <b>{write_text(document.get('name', ''))}</b> {write_text(document.get('description', ''))}</div>"
    )
    shaped = shape_flow(dict(document))
    try:
        picture = draw_graph(shaped.doc) if shaped.doc is not None and shaped.doc.nodes else ""
        problems = shaped.problems
    except BadDocument as error:
        picture, problems = "", error.problems
    lines = "".join(f"<li>{write_text(problem)}</li>" for problem in problems)
    return head + picture + (f"<ul>{lines}</ul>" if lines else "")


def draw_version(flow: FlowVersion) -> str:
    """The graph of a kept version under its facts."""
    facts = write_facts({"flow": flow.flow, "version": flow.version, "project": flow.project, "created": flow.created})
    try:
        return facts + draw_graph(read_flow(flow.text))
    except BadDocument:  # a list has no texts
        return facts


def draw_run(run: Run, steps: Iterable[Step]) -> str:
    """State and times of a run and of its steps."""
    facts = {
        "run": run.id,
        "flow": f"{run.flow}, version {run.flow_version}",
        "state": Html(write_state(run.state.value)),
        "why": run.error or run.reason,
        "params": run.params,
        "project": run.project,
        "created": run.created,
        "took": _tell_duration(run),
    }
    rows = [
        [
            step.node,
            Html(write_state(step.state.value)),
            bar(step.progress),
            _tell_duration(step),
            step.metrics,
            step.error or step.reason,
        ]
        for step in steps
    ]
    return write_facts(facts) + (write_table(("node", "state", "", "took", "metrics", "why"), rows) if rows else "")


def draw_model(model: ModelVersion) -> str:
    """What is known of a model version; of its manifest what is no structure of its own."""
    manifest = {name: value for name, value in model.manifest.items() if not isinstance(value, dict | list)}
    facts = {
        "model": model.reference,
        "project": model.project,
        "created": model.created,
        "run": model.run,
        "node": model.node,
        "lies at": model.uri,
    }
    return write_facts(facts | {name: value for name, value in manifest.items() if name not in facts})


def _tell_duration(timed: Run | Step) -> str | None:
    """How long it took, or has taken until now."""
    if timed.started is None:
        return None
    seconds = ((timed.ended or now()) - timed.started).total_seconds()
    whole = round(seconds)
    return f"{seconds:.1f} s" if seconds < 60 else f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
