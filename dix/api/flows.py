"""Flows over HTTP: check a document, keep it, find it again."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import Field

from dix.api.parts import Parts, PartsHere
from dix.api.shapes import Answer, Body, Cursor, Limit, ListAnswer, Moment
from dix.errors import NotFound
from dix.flow.text import hash_flow, read_flow
from dix.names import check_name
from dix.records.flow_version import FlowVersion

router = APIRouter(prefix="/api/v1/flows", tags=["flows"])


class CheckBody(Body):
    """A document to look at."""

    text: str = Field(description="The flow document, YAML or JSON")


class FlowBody(CheckBody):
    """A document to keep."""

    project: str = "default"


class CheckAnswer(Answer):
    """A document without problems."""

    name: str
    hash: str
    nodes: list[str]
    problems: list[Any] = Field(default=[], description="Always empty: a bad document is a 422")


class FlowAnswer(Answer):
    """One version of a flow, without its text."""

    name: str = Field(validation_alias="flow")
    version: int
    project: str
    hash: str
    description: str
    created: Moment


class FlowTextAnswer(FlowAnswer):
    """One version of a flow, whole."""

    text: str


@router.post("/check")
def check(body: CheckBody) -> CheckAnswer:
    """Say everything that is wrong with a document, or that it can run."""
    doc = read_flow(body.text)
    return CheckAnswer(name=doc.name, hash=hash_flow(doc), nodes=list(doc.nodes))


@router.post("", status_code=201)
def push_flow(body: FlowBody, parts: PartsHere, response: Response) -> FlowTextAnswer:
    """Keep a document as the next version of its flow; 200 and the latest version when it is the same."""
    before = _find_latest_version(parts, read_flow(body.text).name)
    kept = keep_flow(parts, body.text, body.project)
    response.status_code = 200 if kept.version == before else 201
    return _show_text(kept)


@router.get("")
def list_flows(
    parts: PartsHere, limit: Limit = 50, cursor: Cursor = None, project: str | None = None
) -> ListAnswer[FlowAnswer]:
    """The latest version of every flow."""
    page = parts.catalog.flows.list_flows(limit, cursor, project)
    return ListAnswer(items=[_show(version) for version in page.items], next_cursor=page.next_cursor)


@router.get("/{name}")
def get_flow(name: str, parts: PartsHere, version: int | None = None) -> FlowTextAnswer:
    """One version of a flow, the latest by default."""
    return _show_text(parts.catalog.flows.get_flow(name, version))


@router.get("/{name}/versions")
def list_flow_versions(name: str, parts: PartsHere) -> ListAnswer[FlowAnswer]:
    """All versions of one flow, newest first."""
    return ListAnswer(items=[_show(version) for version in parts.catalog.flows.list_flow_versions(name)])


def keep_flow(parts: Parts, text: str, project: str) -> FlowVersion:
    """Check a document and write it down; raises BadDocument with everything that is wrong."""
    doc = read_flow(text)
    check_name("project", project)
    return parts.catalog.flows.push_flow(doc.name, text, hash_flow(doc), project, doc.description)


def _find_latest_version(parts: Parts, name: str) -> int | None:
    try:
        return parts.catalog.flows.get_flow(name).version
    except NotFound:
        return None


def _show(version: FlowVersion) -> FlowAnswer:
    return FlowAnswer.model_validate(version)


def _show_text(version: FlowVersion) -> FlowTextAnswer:
    return FlowTextAnswer.model_validate(version)
