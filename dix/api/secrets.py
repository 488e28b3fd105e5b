"""Secrets over HTTP: values for the code of a project's steps. They come in, and never go out again."""

from __future__ import annotations

from operator import attrgetter

from fastapi import APIRouter, Response
from pydantic import Field

from dix.api.lists import AskedHere, Fields, make_page
from dix.api.parts import PartsHere
from dix.api.reach import ReachHere
from dix.api.shapes import Answer, Body, ListAnswer, Moment
from dix.api.tags import ExpectedHere, ExpectedOrNoneHere, Tagged, set_tag
from dix.records.secret import LONGEST_VALUE, Secret, check_secret_name, check_secret_value

router = APIRouter(prefix="/api/v1/projects/{name}/secrets", tags=["secrets"])

_FIELDS: Fields = {name: attrgetter(name) for name in ("name", "created", "updated", "updated_by")}


class SecretBody(Body):
    """The value of a secret."""

    value: str = Field(description=f"At most {LONGEST_VALUE} characters; lines stay lines", repr=False)


class SecretAnswer(Answer):
    """What is known of a secret; its value is not shown to anybody."""

    project: str
    name: str = Field(description="The variable in which a step that names it finds the value")
    created: Moment
    updated: Moment
    updated_by: str


@router.get("")
def list_secrets(name: str, parts: PartsHere, reach: ReachHere, asked: AskedHere) -> ListAnswer[SecretAnswer]:
    """Every secret of a project without its value, by name unless another order is asked for."""
    page = make_page(parts.catalog.secrets.list_secrets(reach.project(name).name), _FIELDS, asked)
    return ListAnswer(items=[SecretAnswer.model_validate(one) for one in page.items], next_cursor=page.next_cursor)


@router.get("/{secret}", dependencies=[Tagged])
def get_secret(name: str, secret: str, parts: PartsHere, reach: ReachHere, response: Response) -> SecretAnswer:
    """What is known of a secret; its value is not shown."""
    return _answer(response, parts.catalog.secrets.get_secret(reach.project(name).name, secret))


@router.put("/{secret}")
def put_secret(
    name: str,
    secret: str,
    body: SecretBody,
    parts: PartsHere,
    reach: ReachHere,
    *,
    response: Response,
    expected: ExpectedOrNoneHere,
) -> SecretAnswer:
    """Keep a value for the steps that name it in `secrets`, in place of the one before; kept encrypted."""
    project = reach.project(name).name
    parts.catalog.secrets.put_secret(
        project, check_secret_name(secret), check_secret_value(body.value), reach.caller.user, expected
    )
    return _answer(response, parts.catalog.secrets.get_secret(project, secret))


@router.delete("/{secret}", status_code=204)
def delete_secret(name: str, secret: str, parts: PartsHere, reach: ReachHere, expected: ExpectedHere) -> Response:
    """Forget a secret; steps that name it fail from now on."""
    parts.catalog.secrets.delete_secret(reach.project(name).name, secret, expected)
    return Response(status_code=204)


def _answer(response: Response, secret: Secret) -> SecretAnswer:
    set_tag(response, secret.tag)
    return SecretAnswer.model_validate(secret)
