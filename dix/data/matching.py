"""Find the columns of a table that a model takes which knows no columns: by name, or all numbers in their order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from dix.data.bulk import WantedTensor
from dix.data.detect import detect_format
from dix.data.files import list_data_files
from dix.data.tables import TABLE_FORMATS, read_schema
from dix.errors import BadData
from dix.store.store import Store

_SHOWN = 12


def find_columns(store: Store, source: str, tensors: Sequence[WantedTensor]) -> tuple[WantedTensor, ...]:
    """The tensors with the columns that they are taken from; as they are where `source` is no table.

    Raises BadData for a table that has no columns of these names, nor as many numbers as the only tensor takes.
    """
    found = detect_format(store, source, list_data_files(store, source))
    if found.format not in TABLE_FORMATS:
        return tuple(tensors)
    schema = read_schema(store, found.files[0], found.format)
    if all(tensor.column in schema.names for tensor in tensors):
        return tuple(tensors)
    numbers = tuple(field.name for field in schema if _is_number(field.type))
    if len(tensors) == 1 and -1 not in tensors[0].shape and len(numbers) == math.prod(tensors[0].shape):
        return (replace(tensors[0], columns=numbers),)
    raise BadData(source, *_explain(schema, numbers, tensors))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _explain(schema: pa.Schema, numbers: tuple[str, ...], tensors: Sequence[WantedTensor]) -> tuple[str, str]:
    named = ", ".join(f"{tensor.name} ({_say(tensor)})" for tensor in tensors)
    shown = ", ".join(numbers[:_SHOWN]) + (" ..." if len(numbers) > _SHOWN else "")
    has = (
        f"{len(numbers)} columns of numbers ({shown})"
        if numbers
        else f"no numbers among {', '.join(schema.names[:_SHOWN])}"
    )
    todo = "name the columns so" + (", or leave as many columns of numbers" if len(tensors) == 1 else "")
    return f"the model takes {named}, and the table has other names and {has}", todo


def _say(tensor: WantedTensor) -> str:
    if not tensor.shape:
        return "one number" if tensor.dtype != "object" else "a text"
    sizes = " x ".join("any" if size == -1 else str(size) for size in tensor.shape)
    return f"{sizes} {'numbers' if tensor.dtype != 'object' else 'texts'}"
