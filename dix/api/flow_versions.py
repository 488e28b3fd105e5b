"""Two versions of a flow side by side, and a version as a file."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from dix.api.parts import PartsHere
from dix.api.shapes import MOST_VERSIONS, Answer, Plain, VersionAsked
from dix.api.tags import Tagged, set_tag
from dix.flow.difference import Kind, compare_flows
from dix.flow.text import read_flow, write_flow

router = APIRouter(prefix="/api/v1/flows/{name}", tags=["flows"])

_MEDIA = {"yaml": "application/yaml", "json": "application/json"}


class DifferenceAnswer(Answer):
    """One thing that is different; `field` is null for a whole node, `node` for a field of the flow itself."""

    node: str | None
    field: str | None
    kind: Kind
    before: Plain
    after: Plain


class FlowDifferenceAnswer(Answer):
    """What is different between two versions of a flow."""

    name: str
    first: int
    second: int
    differences: list[DifferenceAnswer]


FirstVersion = Annotated[
    int | None, Query(alias="from", ge=1, le=MOST_VERSIONS, description="The one before `to` by default")
]
SecondVersion = Annotated[int | None, Query(ge=1, le=MOST_VERSIONS, description="The latest by default")]


@router.get("/diff")
def compare_flow_versions(
    name: str, parts: PartsHere, from_: FirstVersion = None, to: SecondVersion = None
) -> FlowDifferenceAnswer:
    """What was changed from one version of a flow to another: nodes, and fields of nodes."""
    second = parts.catalog.flows.get_flow(name, to)
    first = parts.catalog.flows.get_flow(name, from_ or max(1, second.version - 1))
    found = compare_flows(read_flow(first.text), read_flow(second.text))
    differences = [DifferenceAnswer.model_validate(one) for one in found]
    return FlowDifferenceAnswer(name=name, first=first.version, second=second.version, differences=differences)


@router.get(
    "/export",
    response_class=Response,
    dependencies=[Tagged],
    responses={200: {"description": "The document", "content": {media: {} for media in _MEDIA.values()}}},
)
def export_flow(
    name: str,
    parts: PartsHere,
    version: VersionAsked | None = None,
    format: Annotated[
        Literal["kept", "yaml", "json"], Query(description="As it was pushed, or written anew in one of these")
    ] = "kept",
) -> Response:
    """One version of a flow as a file, the latest by default."""
    kept = parts.catalog.flows.get_flow(name, version)
    text, kind = _write(kept.text, format)
    answer = Response(text.encode(), media_type=_MEDIA[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{kept.flow}-{kept.version}.{kind}"'
    set_tag(answer, f"{kept.tag}-{format}")
    return answer


def _write(text: str, format: str) -> tuple[str, str]:
    """The text in a format, and what it is then."""
    if format == "kept":
        return text, "json" if text.lstrip("\ufeff \t\r\n").startswith("{") else "yaml"
    doc = read_flow(text)
    if format == "yaml":
        return write_flow(doc), "yaml"
    whole: dict[str, Any] = doc.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n", "json"
