"""Trained models over HTTP: which there are, and what is known of each version."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from dix.api.parts import PartsHere
from dix.api.shapes import Answer, Cursor, Limit, ListAnswer, Moment, Plain, VersionAsked

router = APIRouter(prefix="/api/v1/models", tags=["models"])


class ModelAnswer(Answer):
    """One version of a trained model; `manifest` is its card and its lineage."""

    name: str = Field(validation_alias="model")
    version: int
    reference: str = Field(description="How documents and commands name it: models:/digits/3")
    project: str
    uri: str
    created: Moment
    run: str | None
    node: str | None
    manifest: dict[str, Plain]


@router.get("")
def list_models(
    parts: PartsHere, limit: Limit = 50, cursor: Cursor = None, project: str | None = None
) -> ListAnswer[ModelAnswer]:
    """The latest version of every model."""
    page = parts.catalog.models.list_models(limit, cursor, project)
    return ListAnswer(
        items=[ModelAnswer.model_validate(version) for version in page.items], next_cursor=page.next_cursor
    )


@router.get("/{name}")
def get_model(name: str, parts: PartsHere) -> ModelAnswer:
    """The latest version of a model."""
    return ModelAnswer.model_validate(parts.catalog.models.get_model(name))


@router.get("/{name}/versions")
def list_model_versions(name: str, parts: PartsHere) -> ListAnswer[ModelAnswer]:
    """All versions of a model, newest first."""
    versions = parts.catalog.models.list_model_versions(name)
    return ListAnswer(items=[ModelAnswer.model_validate(version) for version in versions])


@router.get("/{name}/versions/{version}")
def get_model_version(name: str, version: VersionAsked, parts: PartsHere) -> ModelAnswer:
    """One version of a model."""
    return ModelAnswer.model_validate(parts.catalog.models.get_model(name, version))
