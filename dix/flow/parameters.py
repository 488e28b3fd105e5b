"""Parameters of algorithms, checked against the JSON Schema (2020-12) that an algorithm publishes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from dix.errors import BadDocument, Problem
from dix.flow.shape_words import show
from dix.flow.spec import AlgorithmSpec
from dix.flow.template import has_template
from dix.names import find_nearest

_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing (null)",
}


class ParamChecker:
    """Checks the parameters of one algorithm, for as many nodes as there are; equal values are looked at once."""

    def __init__(self, spec: AlgorithmSpec) -> None:
        self._spec = spec
        self._properties: Mapping[str, Any] = spec.params.get("properties", {})
        self._whole = Draft202012Validator(spec.params)
        self._single = {name: Draft202012Validator(schema) for name, schema in self._properties.items()}
        self._known: dict[tuple[str, str, str], tuple[tuple[str, str, str | None], ...]] = {}

    def check(self, node: str | None, params: Mapping[str, Any], *, rendered: bool = False) -> list[Problem]:
        """Everything wrong with given parameters; values with templates are left for when they are `rendered`."""
        problems = [self._unknown(node, name) for name in params if not self._is_known(name)]
        for name, value in params.items():
            if name in self._single and (rendered or not has_template(value)):
                problems.extend(self._check_one(node, name, value))
        problems.extend(self._missing(node, params))
        if not problems and (rendered or not has_template(dict(params))):
            problems.extend(self._check_together(node, params))
        return problems

    def fill(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters with defaults for what is not given; `3.0` becomes 3 where a whole number is asked for."""
        defaults = {
            name: copy.deepcopy(schema["default"])
            for name, schema in self._properties.items()
            if "default" in schema and name not in params
        }
        return {**defaults, **{name: self._whole_number(name, value) for name, value in params.items()}}

    def fill_sound(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The same for rendered parameters; raises BadDocument with everything wrong with them."""
        problems = self.check(None, params, rendered=True)
        if problems:
            raise BadDocument(tuple(problems))
        return self.fill(params)

    def _whole_number(self, name: str, value: Any) -> Any:
        is_int = self._properties.get(name, {}).get("type") == "integer"
        return int(value) if is_int and isinstance(value, float) and value.is_integer() else value

    def _is_known(self, name: str) -> bool:
        # A schema that says nothing about further parameters means that there are none: a typing error is told.
        return name in self._properties or bool(self._spec.params.get("additionalProperties", False))

    def _unknown(self, node: str | None, name: str) -> Problem:
        has = ", ".join(self._properties) or "none"
        nearest = find_nearest(name, self._properties)
        what = f"{self._spec.name} has no parameter {name[:60]}; it has {has}"
        return Problem(node, f"params.{name}", "unknown-parameter", what, nearest)

    def _missing(self, node: str | None, params: Mapping[str, Any]) -> list[Problem]:
        needed = [name for name in self._spec.params.get("required", ()) if name not in params]
        return [
            Problem(
                node, f"params.{name}", "missing-parameter", f"{self._spec.name} needs the parameter {name}; give it"
            )
            for name in needed
            if "default" not in self._properties.get(name, {})
        ]

    def _check_one(self, node: str | None, name: str, value: Any) -> list[Problem]:
        key = (name, type(value).__name__, json.dumps(value, sort_keys=True, default=str))
        if key not in self._known:
            errors = self._single[name].iter_errors(value)
            self._known[key] = tuple(_describe(error, f"params.{name}") for error in errors)
        return [Problem(node, field, "parameter", what, nearest) for field, what, nearest in self._known[key]]

    def _check_together(self, node: str | None, params: Mapping[str, Any]) -> list[Problem]:
        """What the schema says of several parameters at once, once each by itself is right."""
        if not _says_more(self._spec.params):
            return []
        found = [_describe(error, "params") for error in self._whole.iter_errors(self.fill(params))]
        return [Problem(node, field, "parameter", what, nearest) for field, what, nearest in found]


def _says_more(schema: Mapping[str, Any]) -> bool:
    """Whether a schema has more to say than each property by itself, what is required and what is unknown."""
    plain = {"type", "properties", "required", "additionalProperties", "title", "description", "default", "$schema"}
    return not plain.issuperset(schema) or isinstance(schema.get("additionalProperties"), dict)


def _describe(error: ValidationError, field: str) -> tuple[str, str, str | None]:
    """Field, sentence, nearest valid value."""
    place = ".".join((field, *map(str, error.absolute_path)))
    teller = _TELLERS.get(str(error.validator))
    if teller is None:
        return place, f"{error.message[:200]}; correct it", None
    expected, nearest = teller(error.validator_value, error.instance)
    hint = (
        f" ({error.schema['description']})" if isinstance(error.schema, dict) and "description" in error.schema else ""
    )
    return place, f"expected {expected}, got {show(error.instance)}{hint}", nearest


def _of_type(types: Any, _value: Any) -> tuple[str, None]:
    listed = types if isinstance(types, list) else [types]
    return " or ".join(_TYPES.get(each, str(each)) for each in listed), None


def _one_of(choices: Any, value: Any) -> tuple[str, str | None]:
    texts = [str(choice) for choice in choices]
    return f"one of {', '.join(texts)}", find_nearest(value, texts) if isinstance(value, str) else None


_TELLERS: dict[str, Callable[[Any, Any], tuple[str, str | None]]] = {
    "type": _of_type,
    "enum": _one_of,
    "const": lambda wanted, _value: (show(wanted), str(wanted)),
    "minimum": lambda bound, _value: (f"{bound} or more", str(bound)),
    "maximum": lambda bound, _value: (f"{bound} or less", str(bound)),
    "exclusiveMinimum": lambda bound, _value: (f"more than {bound}", None),
    "exclusiveMaximum": lambda bound, _value: (f"less than {bound}", None),
    "multipleOf": lambda step, _value: (f"a multiple of {step}", None),
    "minLength": lambda least, _value: (f"at least {least} characters", None),
    "maxLength": lambda most, _value: (f"at most {most} characters", None),
    "minItems": lambda least, _value: (f"at least {least} entries", None),
    "maxItems": lambda most, _value: (f"at most {most} entries", None),
    "pattern": lambda pattern, _value: (f"text that matches {pattern}", None),
}
