"""What is given to a run on the command line: a document in a file, and parameters."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dix.errors import BadValue, NotFound
from dix.names import ModelReference, is_model_reference, read_model_reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dix.client.connection import Client

Params = Annotated[list[str] | None, typer.Option("--param", "-p", metavar="K=V", help="A parameter; may be repeated.")]


def read_text(source: str) -> str:
    """The text of a file, or of standard input for `-`; raises NotFound, and BadValue for what is not UTF-8."""
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadValue("flow", "a document in UTF-8", source) from None
    except FileNotFoundError:
        raise NotFound("file", source) from None
    except (OSError, ValueError) as error:
        raise BadValue("flow", "a file that can be read", source, str(error)) from None


def read_params(pairs: Sequence[str]) -> dict[str, Any]:
    """`k=v` pairs, each value a YAML 1.2 scalar: `-p lr=1e-3` is a number, `-p ask=no` a text."""
    from dix.flow.text import read_scalar

    params: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadValue("-p", "name=value", pair)
        try:
            params[name] = read_scalar(value)
        except BadValue as error:
            raise BadValue(f"-p {name}", *error.args[1:]) from None
    return params


def read_model(text: str) -> ModelReference:
    """What `digits`, `digits/3` and `digits@champion` name, also with `models:/` before; raises BadValue."""
    return read_model_reference(text if is_model_reference(text) else f"models:/{text}")


def find_version(client: Client, text: str) -> tuple[str, int]:
    """The model, and the number of the version, that such a text names now."""
    wanted = read_model(text)
    if wanted.alias is not None:
        return wanted.model, client.models.alias(wanted.model, wanted.alias).version
    return wanted.model, wanted.version or client.models.get(wanted.model).version
