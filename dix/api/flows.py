"""Flows over HTTP: check a document, keep it, find it again."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from fastapi import APIRouter, Response
from pydantic import Field

from dix.api.caller import CallerHere
from dix.api.lists import AskedHere, Fields, WantedNames, make_page
from dix.api.parts import Parts, PartsHere
from dix.api.reach import Reach, ReachHere
from dix.api.shapes import Answer, Body, Cursor, Limit, ListAnswer, Moment, VersionAsked
from dix.api.tags import ExpectedOrNoneHere, Tagged, set_tag
from dix.flow.check import check_text
from dix.flow.document import FlowDoc
from dix.flow.text import hash_flow
from dix.names import check_name
from dix.records.flow_version import FlowVersion
from dix.records.tag import Expected

router = APIRouter(prefix="/api/v1/flows", tags=["flows"])


_VERSION_FIELDS: Fields = {name: attrgetter(name) for name in ("version", "created", "user")}


class CheckBody(Body):
    """A document to look at."""

    text: str = Field(description="The flow document, YAML or JSON")


class FlowBody(CheckBody):
    """A document to keep."""

    project: str | None = Field(default=None, description="The flow's own by default")


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
    user: str = Field(description="Who pushed it")


class FlowTextAnswer(FlowAnswer):
    """One version of a flow, whole."""

    text: str


@router.post("/check")
def check(body: CheckBody, parts: PartsHere) -> CheckAnswer:
    """Say everything that is wrong with a document, or that it can run here."""
    doc = parts.engine.check_flow(body.text)
    return CheckAnswer(name=doc.name, hash=hash_flow(doc), nodes=list(doc.nodes))


@router.post("", status_code=201, responses={200: {"model": FlowTextAnswer, "description": "It is the latest version"}})
def push_flow(
    body: FlowBody, parts: PartsHere, reach: ReachHere, response: Response, expected: ExpectedOrNoneHere
) -> FlowTextAnswer:
    """Keep a document as the next version of its flow; 200 and the latest version when it is the same.

    With the ETag of the version that was edited in If-Match, it is 412 when somebody else has pushed another one since.
    """
    doc = check_text(body.text, parts.specs)
    before = reach.find_flow(doc.name)
    kept = _keep(parts, reach, _Draft(doc, body.text, body.project, expected))
    set_tag(response, kept.tag)
    response.status_code = 200 if before and kept.version == before.version else 201
    return FlowTextAnswer.model_validate(kept)


@router.get("")
def list_flows(
    parts: PartsHere,
    caller: CallerHere,
    wanted: WantedNames,
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    project: str | None = None,
) -> ListAnswer[FlowAnswer]:
    """The latest version of every flow, newest first unless another order is asked for."""
    page = parts.catalog.flows.list_flows(limit, cursor, project, caller.sight, wanted)
    return ListAnswer(
        items=[FlowAnswer.model_validate(version) for version in page.items], next_cursor=page.next_cursor
    )


@router.get("/{name}", dependencies=[Tagged])
def get_flow(name: str, parts: PartsHere, response: Response, version: VersionAsked | None = None) -> FlowTextAnswer:
    """One version of a flow, the latest by default."""
    found = parts.catalog.flows.get_flow(name, version)
    set_tag(response, found.tag)
    return FlowTextAnswer.model_validate(found)


@router.get("/{name}/versions")
def list_flow_versions(name: str, parts: PartsHere, asked: AskedHere) -> ListAnswer[FlowAnswer]:
    """All versions of one flow, newest first unless another order is asked for."""
    page = make_page(parts.catalog.flows.list_flow_versions(name), _VERSION_FIELDS, asked)
    return ListAnswer(items=[FlowAnswer.model_validate(one) for one in page.items], next_cursor=page.next_cursor)


def keep_flow(
    parts: Parts, reach: Reach, text: str, project: str | None, expected: Expected | None = None
) -> FlowVersion:
    """Check a document and write it down; raises BadDocument with everything that is wrong."""
    doc = check_text(text, parts.specs)
    return _keep(parts, reach, _Draft(doc, text, project, expected))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A document that was checked, its text, the project that was named for it, and what its flow has to be."""

    doc: FlowDoc
    text: str
    project: str | None
    expected: Expected | None = None


def _keep(parts: Parts, reach: Reach, draft: _Draft) -> FlowVersion:
    """Write a document down; a flow stays in its project unless another is named."""
    doc, home = draft.doc, draft.project
    if home is None:
        before = reach.find_flow(doc.name)
        home = before.project if before else reach.home()
    reach.free_flow(doc.name, check_name("project", home))
    return parts.catalog.flows.push_flow(
        doc.name, draft.text, hash_flow(doc), home, doc.description, user=reach.caller.user, expected=draft.expected
    )
