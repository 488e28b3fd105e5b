"""Places in the store, as the Data page names them: paths from the store's root, or whole addresses."""

from __future__ import annotations

from dataclasses import dataclass

_SCHEME = "://"


@dataclass(frozen=True, slots=True)
class Crumb:
    """A folder on the way to a place."""

    name: str
    uri: str


def list_crumbs(uri: str) -> tuple[Crumb, ...]:
    """The folders on the way, and the place itself last; none for the root."""
    scheme, found, path = uri.partition(_SCHEME)
    start, path = (f"{scheme}{found}", path) if found else ("", uri)
    names = [name for name in path.strip("/").split("/") if name]
    root = f"{start}/" if start and path.startswith("/") else start
    return tuple(Crumb(name, root + "/".join(names[: i + 1])) for i, name in enumerate(names))


def join_place(folder: str, name: str) -> str:
    """The place of something in a folder."""
    return f"{folder.rstrip('/')}/{name}" if folder else name


def get_name(uri: str) -> str:
    """The last part of a place."""
    return uri.rstrip("/").rpartition("/")[2]
