"""Trained models over HTTP: which there are, and what is known of each version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from dix.access.book import TokenBook
from dix.api.access import BookHere
from dix.api.caller import CallerHere
from dix.api.lists import AskedHere, Fields, WantedNames, make_page
from dix.api.origin import hide_origin
from dix.api.parts import Parts, PartsHere
from dix.api.reach import ReachHere
from dix.api.shapes import Answer, Body, Cursor, Limit, ListAnswer, Moment, Plain, VersionAsked
from dix.api.shares import find_owner
from dix.errors import NotAllowed, NotFound
from dix.records.caller import Caller
from dix.records.model_version import ModelVersion
from dix.records.share import Visibility

router = APIRouter(prefix="/api/v1/models", tags=["models"])


_VERSION_FIELDS: Fields = {name: attrgetter(name) for name in ("version", "created", "user")}


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
    trusted_by: str | None = Field(description="Who has allowed that loading it runs code; null: nobody")
    aliases: dict[str, int] = Field(description="The aliases of the model, and the version that each names")
    favorite: bool = Field(description="Whether the caller has collected the model")


class ModelChange(Body):
    """What may change of a version."""

    trusted: bool = Field(description="Whether loading it may run code that somebody has put into it")


Mine = Annotated[bool, Query(description="Only models that the caller has collected or made a version of")]
Shared = Annotated[bool, Query(description="Only models of others that are shared with the caller")]


@router.get("")
def list_models(
    parts: PartsHere,
    caller: CallerHere,
    wanted: WantedNames,
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    project: str | None = None,
    mine: Mine = False,
    shared: Shared = False,
) -> ListAnswer[ModelAnswer]:
    """The latest version of every model, newest first unless another order is asked for."""
    names = _find_names(parts, caller, mine=mine, shared=shared)
    page = parts.catalog.models.list_models(limit, cursor, project, caller.sight, names, wanted=wanted)
    return ListAnswer(items=_show_all(parts, caller, page.items), next_cursor=page.next_cursor)


@router.get("/{name}")
def get_model(name: str, parts: PartsHere, caller: CallerHere) -> ModelAnswer:
    """The latest version of a model."""
    return show_model(parts, caller, parts.catalog.models.get_model(name))


@router.get("/{name}/versions")
def list_model_versions(name: str, parts: PartsHere, caller: CallerHere, asked: AskedHere) -> ListAnswer[ModelAnswer]:
    """All versions of a model, newest first unless another order is asked for."""
    page = make_page(parts.catalog.models.list_model_versions(name), _VERSION_FIELDS, asked)
    return ListAnswer(items=_show_all(parts, caller, page.items), next_cursor=page.next_cursor)


@router.get("/{name}/versions/{version}")
def get_model_version(name: str, version: VersionAsked, parts: PartsHere, caller: CallerHere) -> ModelAnswer:
    """One version of a model."""
    return show_model(parts, caller, parts.catalog.models.get_model(name, version))


@router.patch("/{name}/versions/{version}")
def change_model_version(
    name: str, version: VersionAsked, body: ModelChange, parts: PartsHere, reach: ReachHere
) -> ModelAnswer:
    """Let a version run code when it is loaded, or no more; the model's owner (who made its first version), or an
    administrator. What answers already goes on until it is started anew.
    """
    owner, _project = find_owner(parts, "model", name)
    if reach.caller.user != owner and not reach.caller.is_administrator:
        raise NotAllowed(f"let model {name} run code (that takes its owner, {owner}, or an administrator)")
    trusted = parts.catalog.models.trust_model(name, version, reach.caller.user if body.trusted else None)
    return show_model(parts, reach.caller, trusted)


@router.delete("/{name}/versions/{version}", status_code=204)
def delete_model_version(
    name: str, version: VersionAsked, parts: PartsHere, caller: CallerHere, book: BookHere
) -> Response:
    """Delete a version and its files; 409 while an alias, an endpoint or a run needs it. Its number stays taken."""
    parts.registry.delete(name, version, caller.sight)
    _forget_shares(parts, book, name)
    return Response(status_code=204)


@router.delete("/{name}", status_code=204)
def delete_model(name: str, parts: PartsHere, caller: CallerHere, book: BookHere) -> Response:
    """Delete all versions of a model and their files, or none: 409 while one of them is needed."""
    parts.registry.delete(name, sight=caller.sight)
    _forget_shares(parts, book, name)
    return Response(status_code=204)


def _forget_shares(parts: Parts, book: TokenBook, name: str) -> None:
    """Let it be known that a model which is gone with its last version is shared with nobody."""
    try:
        parts.catalog.models.get_model(name)
    except NotFound:
        parts.catalog.shares.delete_sharing("model", name)
        book.expire()


def show_model(parts: Parts, caller: Caller, version: ModelVersion) -> ModelAnswer:
    """The answer for one version as the caller sees it, with what is said of its model."""
    return _show_all(parts, caller, [version])[0]


def _show_all(parts: Parts, caller: Caller, versions: Sequence[ModelVersion]) -> list[ModelAnswer]:
    """What is said of all models is asked for at once."""
    aliases: dict[str, dict[str, int]] = {version.model: {} for version in versions}
    for alias in parts.catalog.aliases.list_aliases(tuple(aliases)):
        aliases[alias.model][alias.alias] = alias.version
    collected = frozenset(parts.catalog.favorites.list_favorites(caller.user))
    answers = []
    for version in versions:
        seen = hide_origin(version, caller.sight)
        known: dict[str, Any] = {field: getattr(seen, field) for field in ModelVersion.__dataclass_fields__}
        known |= {"aliases": aliases[version.model], "favorite": version.model in collected}
        answers.append(ModelAnswer(**known, reference=version.reference))
    return answers


def _find_names(parts: Parts, caller: Caller, *, mine: bool, shared: bool) -> tuple[str, ...] | None:
    """The models that are asked for; None for all."""
    names: set[str] | None = set(parts.catalog.favorites.list_mine(caller.user)) if mine else None
    if shared:
        there = set(_list_shared(parts, caller))
        names = there if names is None else names & there
    return None if names is None else tuple(names)


def _list_shared(parts: Parts, caller: Caller) -> Iterator[str]:
    """Models of others that are shared with the caller by name, with a project of the caller's, or with everyone."""
    access = parts.catalog.access.read_access()
    for sharing in access.sharings if access is not None else ():
        is_for_all = sharing.visibility is Visibility.EVERYONE
        is_named = caller.user in sharing.users or any(project in caller.roles for project in sharing.projects)
        if sharing.kind == "model" and sharing.owner != caller.user and (is_for_all or is_named):
            yield sharing.name
