"""Endpoints over HTTP: let a model answer under a name, see how that stands, end it."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from dix.api.caller import CallerHere
from dix.api.lists import AskedHere, Fields, make_page
from dix.api.parts import PartsHere
from dix.api.reach import ReachHere
from dix.api.shapes import Answer, Body, ListAnswer, Moment
from dix.api.tags import ExpectedHere, ExpectedOrNoneHere, Tagged, set_tag
from dix.names import check_name, read_model
from dix.records.endpoint import Endpoint, EndpointState

router = APIRouter(prefix="/api/v1/endpoints", tags=["endpoints"])


_FIELDS: Fields = {
    name: attrgetter(name) for name in ("name", "model", "project", "state", "user", "created", "updated")
}


class EndpointBody(Body):
    """What shall answer under which name."""

    name: str
    model: str = Field(description="models:/digits/3, models:/digits@champion, or digits for the latest version")
    replicas: int = Field(default=1, ge=1, le=1000)
    project: str | None = Field(default=None, description="Whose it shall be; `default`, or the only one of the caller")


class EndpointAnswer(Answer):
    """What answers under a name, and how that stands."""

    name: str
    model: str
    version: int
    project: str
    state: EndpointState
    replicas: int
    error: str | None
    created: Moment
    updated: Moment
    user: str = Field(description="Who wanted it so")
    path: str = Field(description="Where it answers, under this server's address")


@router.post("", status_code=201)
def deploy_endpoint(
    body: EndpointBody, parts: PartsHere, reach: ReachHere, response: Response, expected: ExpectedOrNoneHere
) -> EndpointAnswer:
    """Let a model answer under a name; a name that answers already gets the new model."""
    check_name("endpoint", body.name)
    project = reach.home() if body.project is None else check_name("project", body.project)
    reach.free_endpoint(body.name, project)
    if not reach.caller.is_administrator:
        reach.model(read_model(body.model).model)
    deploy = partial(parts.deployer.deploy, user=reach.caller.user, expected=expected)
    return _answer(response, deploy(body.name, body.model, body.replicas, project))


@router.get("")
def list_endpoints(
    parts: PartsHere,
    caller: CallerHere,
    asked: AskedHere,
    *,
    project: str | None = None,
    model: Annotated[str | None, Query(description="The name of the model that answers")] = None,
    state: Annotated[list[EndpointState] | None, Query()] = None,
) -> ListAnswer[EndpointAnswer]:
    """Every endpoint, by name unless another order is asked for."""
    seen = [one for one in parts.deployer.list() if caller.sight.sees_project(one.project)]
    found = [one for one in seen if project in {None, one.project} and model in {None, one.model}]
    page = make_page([one for one in found if not state or one.state in state], _FIELDS, asked)
    return ListAnswer(items=[_show(one) for one in page.items], next_cursor=page.next_cursor)


@router.get("/{name}", dependencies=[Tagged])
def get_endpoint(name: str, parts: PartsHere, response: Response) -> EndpointAnswer:
    """One endpoint."""
    return _answer(response, parts.deployer.get(name))


@router.delete("/{name}", status_code=204)
def delete_endpoint(name: str, parts: PartsHere, expected: ExpectedHere) -> Response:
    """End an endpoint and forget it."""
    parts.deployer.delete(name, expected)
    return Response(status_code=204)


def _answer(response: Response, endpoint: Endpoint) -> EndpointAnswer:
    set_tag(response, endpoint.tag, (endpoint.state, endpoint.error, endpoint.updated))
    return _show(endpoint)


def _show(endpoint: Endpoint) -> EndpointAnswer:
    known: dict[str, Any] = {field: getattr(endpoint, field) for field in Endpoint.__dataclass_fields__}
    return EndpointAnswer(**known, path=f"/v2/models/{endpoint.name}")
