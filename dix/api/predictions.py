"""Bulk predictions over HTTP: a run of a small flow, data into a trained model."""

from __future__ import annotations

import json

from fastapi import APIRouter
from pydantic import Field

from dix.api.caller import CallerHere
from dix.api.flows import keep_flow
from dix.api.parts import PartsHere
from dix.api.runs import RunAnswer, show_run
from dix.api.shapes import Body
from dix.engine.base import RunOrder
from dix.names import check_name
from dix.records.model_version import ModelVersion

router = APIRouter(prefix="/api/v1/predictions", tags=["predictions"])


class PredictionBody(Body):
    """Which model shall score which data, and where the result shall lie (kept with the run by default)."""

    model: str = Field(description="models:/digits/3, models:/digits@champion, or digits for the latest version")
    data: str = Field(description="What to score: a path in the store, or file:// or s3://")
    output: str | None = None
    project: str = "default"


@router.post("", status_code=201)
def predict(body: PredictionBody, parts: PartsHere, caller: CallerHere) -> RunAnswer:
    """Accept a bulk prediction; it is an ordinary run, and its answer is its step's output."""
    check_name("project", body.project)
    version = parts.registry.resolve(body.model)
    kept = keep_flow(parts, caller, _write_flow(version, body.data, body.output), body.project)
    return show_run(
        parts, parts.engine.start_run(RunOrder(kept.flow, kept.version, project=body.project, user=caller.user))
    )


def _write_flow(version: ModelVersion, data: str, output: str | None) -> str:
    circle = {"kind": "model", "model": version.reference, "inputs": {"data": "data"}}
    return json.dumps(
        {
            "dix": 1,
            "name": f"predict-{version.model}"[:63],
            # Who asks for predictions wants them made: the data need not be read to know whether it changed.
            "defaults": {"cache": False},
            "description": f"bulk prediction with {version.model}",
            "nodes": {
                "data": {"kind": "data", "uri": data},
                "predictions": circle | ({"output": output} if output is not None else {}),
            },
        },
        ensure_ascii=False,
    )
