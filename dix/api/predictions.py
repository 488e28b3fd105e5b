"""Bulk predictions over HTTP: a run of a small flow, data into a trained model."""

from __future__ import annotations

import hashlib
import json

from fastapi import APIRouter
from pydantic import Field

from dix.api.flows import keep_flow
from dix.api.parts import PartsHere
from dix.api.permit import make_permit
from dix.api.reach import ReachHere
from dix.api.reasons import ReasonsHere
from dix.api.runs import RunAnswer, show_run
from dix.api.shapes import Body
from dix.engine.base import RunOrder
from dix.names import check_name, read_model
from dix.records.member import Role
from dix.records.model_version import ModelVersion
from dix.records.project import DEFAULT_PROJECT

router = APIRouter(prefix="/api/v1/predictions", tags=["predictions"])


class PredictionBody(Body):
    """Which model shall score which data, and where the result shall lie (kept with the run by default)."""

    model: str = Field(description="models:/digits/3, models:/digits@champion, or digits for the latest version")
    data: str = Field(description="What to score: a path in the store, or file:// or s3://")
    output: str | None = None
    project: str | None = Field(default=None, description="Whose it shall be; `default`, or the only one of the caller")


@router.post("", status_code=201)
def predict(body: PredictionBody, parts: PartsHere, reach: ReachHere, reasons: ReasonsHere) -> RunAnswer:
    """Accept a bulk prediction; it is an ordinary run, and its answer is its step's output."""
    project = reach.home() if body.project is None else check_name("project", body.project)
    reach.project(project, Role.USER)
    reach.model(read_model(body.model).model)
    version = parts.registry.resolve(body.model)
    kept = keep_flow(parts, reach, _write_flow(version, body, project), project)
    order = RunOrder(kept.flow, kept.version, project=project, user=reach.caller.user, permit=make_permit(parts, reach))
    return show_run(parts, parts.engine.start_run(order), reasons)


def _write_flow(version: ModelVersion, body: PredictionBody, project: str) -> str:
    circle = {"kind": "model", "model": version.reference, "inputs": {"data": "data"}}
    return json.dumps(
        {
            "dix": 1,
            "name": _name_flow(version.model, project),
            # Who asks for predictions wants them made: the data need not be read to know whether it changed.
            "defaults": {"cache": False},
            "description": f"bulk prediction with {version.model}",
            "nodes": {
                "data": {"kind": "data", "uri": body.data},
                "predictions": circle | ({"output": body.output} if body.output is not None else {}),
            },
        },
        ensure_ascii=False,
    )


def _name_flow(model: str, project: str) -> str:
    """A flow of the project's own: names are the installation's, and a flow has one project."""
    name = f"predict-{model}" if project == DEFAULT_PROJECT else f"predict-{project}-{model}"
    return name if len(name) <= 63 else f"{name[:50]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
