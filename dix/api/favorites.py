"""Collected models over HTTP: everybody has their own."""

from __future__ import annotations

from fastapi import APIRouter, Response

from dix.api.caller import CallerHere
from dix.api.parts import PartsHere

router = APIRouter(prefix="/api/v1/models", tags=["models"])


@router.put("/{name}/favorite", status_code=204)
def add_favorite(name: str, parts: PartsHere, caller: CallerHere) -> Response:
    """Collect a model into the caller's own."""
    parts.catalog.favorites.put_favorite(caller.user, name)
    return Response(status_code=204)


@router.delete("/{name}/favorite", status_code=204)
def delete_favorite(name: str, parts: PartsHere, caller: CallerHere) -> Response:
    """Collect a model no more."""
    parts.catalog.models.get_model(name)
    parts.catalog.favorites.delete_favorite(caller.user, name)
    return Response(status_code=204)
