"""Parts of a model as its card describes them: the `KIND` of a frozen dataclass, and its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from dix.errors import BadModel


class HasKind(Protocol):
    """An intake or an outcome."""

    KIND: ClassVar[str]


Part = TypeVar("Part", bound=HasKind)


def describe_part(part: HasKind) -> dict[str, Any]:
    """Its kind and its fields, as JSON has them."""
    plain: dict[str, Any] = TypeAdapter(type(part)).dump_python(part, mode="json")
    return {"kind": part.KIND, **plain}


def read_part(uri: str, field: str, described: Mapping[str, Any], kinds: Mapping[str, type[Part]]) -> Part:
    """The part that the card's `field` describes, of one of `kinds`; raises BadModel naming what is wrong in it."""
    given = dict(described)
    kind = given.pop("kind", None)
    if kind not in kinds:
        raise BadModel(uri, f"its {field} is of the kind {kind!r}, known are {', '.join(sorted(kinds))}")
    try:
        return TypeAdapter(kinds[kind]).validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadModel(uri, f"{field}.{where}: {first['msg']}") from error
