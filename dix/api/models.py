"""Trained models over HTTP: which there are, and what is known of each version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Response
from pydantic import Field

from dix.api.caller import CallerHere
from dix.api.origin import hide_origin
from dix.api.parts import Parts, PartsHere
from dix.api.shapes import Answer, Cursor, Limit, ListAnswer, Moment, Plain, VersionAsked
from dix.records.model_version import ModelVersion
from dix.records.sight import Sight

router = APIRouter(prefix="/api/v1/models", tags=["models"])


class ModelAnswer(Answer):
    """One version of a trained model; `manifest` is its card and its lineage."""

    name: str = Field(validation_alias="model")
    version: int
    reference: str = Field(description="How documents and commands name it: models:/digits/3")
    project: str
    uri: str
    created: Moment
    user: str = Field(description="Who trained or brought it")
    run: str | None = Field(description="What made it; null for one who may not see it")
    node: str | None
    manifest: dict[str, Plain]
    aliases: dict[str, int] = Field(description="The aliases of the model, and the version that each names")


@router.get("")
def list_models(
    parts: PartsHere, caller: CallerHere, limit: Limit = 50, cursor: Cursor = None, project: str | None = None
) -> ListAnswer[ModelAnswer]:
    """The latest version of every model."""
    page = parts.catalog.models.list_models(limit, cursor, project, caller.sight)
    return ListAnswer(items=_show_all(parts, caller.sight, page.items), next_cursor=page.next_cursor)


@router.get("/{name}")
def get_model(name: str, parts: PartsHere, caller: CallerHere) -> ModelAnswer:
    """The latest version of a model."""
    return show_model(parts, caller.sight, parts.catalog.models.get_model(name))


@router.get("/{name}/versions")
def list_model_versions(name: str, parts: PartsHere, caller: CallerHere) -> ListAnswer[ModelAnswer]:
    """All versions of a model, newest first."""
    return ListAnswer(items=_show_all(parts, caller.sight, parts.catalog.models.list_model_versions(name)))


@router.get("/{name}/versions/{version}")
def get_model_version(name: str, version: VersionAsked, parts: PartsHere, caller: CallerHere) -> ModelAnswer:
    """One version of a model."""
    return show_model(parts, caller.sight, parts.catalog.models.get_model(name, version))


@router.delete("/{name}/versions/{version}", status_code=204)
def delete_model_version(name: str, version: VersionAsked, parts: PartsHere) -> Response:
    """Delete a version and its files; 409 while an alias, an endpoint or a run needs it. Its number stays taken."""
    parts.registry.delete(name, version)
    return Response(status_code=204)


@router.delete("/{name}", status_code=204)
def delete_model(name: str, parts: PartsHere) -> Response:
    """Delete all versions of a model and their files, or none: 409 while one of them is needed."""
    parts.registry.delete(name)
    return Response(status_code=204)


def show_model(parts: Parts, sight: Sight, version: ModelVersion) -> ModelAnswer:
    """The answer for one version as somebody sees it, with the aliases of its model."""
    return _show_all(parts, sight, [version])[0]


def _show_all(parts: Parts, sight: Sight, versions: Sequence[ModelVersion]) -> list[ModelAnswer]:
    """The versions with the aliases of their models, which are asked for all at once."""
    aliases: dict[str, dict[str, int]] = {version.model: {} for version in versions}
    for alias in parts.catalog.aliases.list_aliases(tuple(aliases)):
        aliases[alias.model][alias.alias] = alias.version
    answers = []
    for version in versions:
        seen = hide_origin(version, sight)
        known: dict[str, Any] = {field: getattr(seen, field) for field in ModelVersion.__dataclass_fields__}
        answers.append(ModelAnswer(**known, reference=version.reference, aliases=aliases[version.model]))
    return answers
