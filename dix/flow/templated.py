"""Where templates may stand in a document, and what stands in those places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dix.flow.document import Defaults
from dix.flow.template import is_template

ALLOWED = "uri, params, output, model, env, code, timeout and resources"
TEXT_FIELDS = ("uri", "output", "model", "code")
PLACES = (*TEXT_FIELDS, "params", "env", "timeout", "resources")
_NOWHERE = ("algorithm", "framework", "inputs", "entry", "retry", "wait")


def list_templates(part: Defaults) -> list[tuple[str, str]]:
    """Field and text of each template that a node, or the defaults, holds where templates are allowed."""
    return [found for place in PLACES for found in find_templates(place, getattr(part, place, None))]


def list_misplaced(part: Defaults) -> list[tuple[str, str]]:
    """Field and text of each template where none is allowed and where it would not be taken as plain text either."""
    return [found for place in _NOWHERE for found in find_templates(place, getattr(part, place, None))]


def find_templates(field: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every template in a value, however deep, with the field it stands in; keys are not templates."""
    if is_template(value):
        yield field, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from find_templates(f"{field}.{key}", each)
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from find_templates(f"{field}.{index}", each)
    elif hasattr(value, "model_fields_set"):
        for key in value.model_fields_set:
            yield from find_templates(f"{field}.{key}", getattr(value, key))
