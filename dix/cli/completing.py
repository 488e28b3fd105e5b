"""Shell completion of names that the server knows; where it does not answer at once, nothing is offered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dix.errors import DixError

# A shell that hangs on Tab is worse than one that offers nothing.
TIMEOUT_S = 1.0
MOST = 200


def complete_flow(incomplete: str) -> list[tuple[str, str]]:
    """Flows that are kept."""
    return list(_find("flows", "name", "description", incomplete, limit=MOST))


def complete_run(incomplete: str) -> list[tuple[str, str]]:
    """Runs, newest first."""
    return list(_find("runs", "id", "flow", incomplete, limit=MOST, steps=False))


def complete_model(incomplete: str) -> list[tuple[str, str]]:
    """Models."""
    return list(_find("models", "name", "reference", incomplete, limit=MOST))


def complete_endpoint(incomplete: str) -> list[tuple[str, str]]:
    """Endpoints."""
    return list(_find("endpoints", "name", "model", incomplete))


def complete_sweep(incomplete: str) -> list[tuple[str, str]]:
    """Sweeps, newest first."""
    return list(_find("sweeps", "name", "flow", incomplete, limit=MOST))


def complete_project(incomplete: str) -> list[tuple[str, str]]:
    """Projects."""
    return list(_find("projects", "name", "description", incomplete))


def _find(what: str, member: str, about: str, incomplete: str, **query: Any) -> Iterator[tuple[str, str]]:
    """The names that begin so, each with a word about it."""
    from dix.client.connection import connect
    from dix.client.wire import join

    try:
        with connect() as client:
            client.wire.http.timeout = TIMEOUT_S
            items = client.wire.get(join(what), **query)["items"]
    except DixError:
        return
    for item in items:
        if str(item[member]).startswith(incomplete):
            yield item[member], " ".join(str(item.get(about) or "").split())[:60]
