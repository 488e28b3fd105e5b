"""The lineage of models over HTTP: what a version was made of, and what of it, as far as the caller sees it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from dix.api.caller import CallerHere
from dix.api.origin import sees_origin
from dix.api.parts import Parts, PartsHere
from dix.api.shapes import Answer, Moment, Plain, VersionAsked
from dix.errors import NotFound
from dix.flow.document import DataNode, FlowDoc
from dix.flow.graph import list_inputs, read_source
from dix.flow.text import read_flow
from dix.names import read_model_reference
from dix.records.lineage import DataOrigin, Lineage
from dix.records.model_version import ModelVersion
from dix.records.sight import Sight

router = APIRouter(prefix="/api/v1/models", tags=["models"])


class DataOriginAnswer(Answer):
    """Data that went into a version; `sha256` is that of what it held then, where that is known."""

    uri: str
    sha256: str | None
    node: str | None = Field(description="The data node that brought it")
    port: str | None = Field(description="The port by which it came in, where it came from another step")


class LineageAnswer(Answer):
    """What a version was made of, and what was made of it; what the caller may not see is left out."""

    model: str
    version: int
    reference: str
    project: str
    user: str
    created: Moment
    run: str | None
    node: str | None
    flow: str | None
    flow_version: int | None
    params: dict[str, Plain]
    data: list[DataOriginAnswer]
    parents: list[str] = Field(description="The model versions that went into it")
    children: list[str] = Field(description="The model versions that it went into")
    endpoints: list[str] = Field(description="Those that answer with it")
    aliases: list[str] = Field(description="Those that name it")
    imported: dict[str, Plain] | None = Field(description="Where it comes from, when no run made it here")


@router.get("/{name}/versions/{version}/lineage")
def get_model_lineage(name: str, version: VersionAsked, parts: PartsHere, caller: CallerHere) -> LineageAnswer:
    """What a version was made of, and what was made of it."""
    found = parts.catalog.models.get_model(name, version)
    return LineageAnswer.model_validate(_trace(parts, found, caller.sight))


def _trace(parts: Parts, version: ModelVersion, sight: Sight) -> Lineage:
    catalog = parts.catalog
    endpoints = (one for one in catalog.endpoints.list_endpoints() if _is_of(version, one.model, one.version))
    aliases = (one for one in catalog.aliases.list_aliases([version.model]) if one.version == version.version)
    children = (one for one in catalog.models.list_made_from(version.model, version.version))
    return Lineage(
        model=version.model,
        version=version.version,
        project=version.project,
        user=version.user,
        created=version.created,
        children=tuple(one.reference for one in children if sight.sees_model(one.model, one.project)),
        endpoints=tuple(one.name for one in endpoints if sight.sees_project(one.project)),
        aliases=tuple(one.alias for one in aliases),
        **(_trace_origin(parts, version, sight) if sees_origin(version, sight) else {}),
    )


def _trace_origin(parts: Parts, version: ModelVersion, sight: Sight) -> dict[str, Any]:
    """What its project's members see of it."""
    known = version.manifest.get("lineage", {})
    sources = {one.uri: one for one in _find_sources(parts, version, known)}
    inputs = {one["uri"]: DataOrigin(one["uri"], one.get("sha256"), port=one["port"]) for one in known.get("data", ())}
    both = {uri: replace(one, node=sources[uri].node) for uri, one in inputs.items() if uri in sources}
    return {
        "run": version.run,
        "node": version.node,
        "flow": known.get("flow"),
        "flow_version": known.get("flow_version"),
        "params": dict(known.get("params", {})),
        "data": tuple((sources | inputs | both).values()),
        "parents": tuple(one for one in known.get("models", {}).values() if _is_seen(parts, one, sight)),
        "imported": known.get("imported"),
    }


def _find_sources(parts: Parts, version: ModelVersion, known: dict[str, Any]) -> Iterator[DataOrigin]:
    """What the data nodes before its step have found, in the run that made it."""
    if version.run is None or version.node is None:
        return
    try:
        steps = {step.node: step for step in parts.catalog.runs.list_steps(version.run)}
        doc = read_flow(parts.catalog.flows.get_flow(known["flow"], known["flow_version"]).text)
    except (NotFound, KeyError):
        return
    for node in _list_before(doc, version.node):
        if isinstance(doc.nodes[node], DataNode) and node in steps:
            step = steps[node]
            yield from (DataOrigin(uri, step.digests.get(port), node=node) for port, uri in step.outputs.items())


def _list_before(doc: FlowDoc, node: str) -> list[str]:
    """All nodes that a node stands on, in the order of the document."""
    before: set[str] = set()
    waiting = [node]
    while waiting:
        name = waiting.pop()
        sources = (read_source(text)[0] for text in list_inputs(doc.nodes[name]).values()) if name in doc.nodes else ()
        fresh = set(sources) - before
        before |= fresh
        waiting.extend(fresh)
    return [name for name in doc.nodes if name in before]


def _is_seen(parts: Parts, reference: str, sight: Sight) -> bool:
    """Whether a version that went into this one is seen; one that is deleted is still told by its name."""
    wanted = read_model_reference(reference)
    try:
        project = parts.catalog.models.get_model(wanted.model).project
    except NotFound:
        return sight.projects is None
    return sight.sees_model(wanted.model, project)


def _is_of(version: ModelVersion, model: str, number: int) -> bool:
    return (version.model, version.version) == (model, number)
