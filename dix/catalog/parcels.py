"""Records as bytes that a later DI-X can read: fields by name, so that a record may get further fields meanwhile."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any


def pack(record: object) -> bytes:
    """A record, and the records in it."""
    parcel = io.BytesIO()
    _Packer(parcel, pickle.HIGHEST_PROTOCOL).dump(record)
    return parcel.getvalue()


def unpack(parcel: bytes) -> Any:
    """What was packed; a field that the record has got since then has its default."""
    return pickle.loads(parcel)  # noqa: S301 from our own file


class _Packer(pickle.Pickler):
    """Pickles slotted dataclasses by the names of their fields; plain pickle goes by their places."""

    def reducer_override(self, value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            fields = {name: getattr(value, name) for name in type(value).__dataclass_fields__}
            return _rebuild, (type(value), fields)
        return NotImplemented


def _rebuild(kind: Callable[..., Any], fields: dict[str, Any]) -> Any:
    return kind(**fields)
