"""Fills in the templates of nodes, each place with what may stand there; equal templates are evaluated once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dix.flow.document import Defaults, Resources
from dix.flow.shape_words import show
from dix.flow.template import BadTemplate, Flaw, Templates, is_template
from dix.flow.templated import PLACES

MAX_RENDERED = 64 * 2**20

_Part = TypeVar("_Part", bound=Defaults)


class Filling:
    """The templates of one document, with the names of one run."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names
        self._templates = Templates(names["params"])
        self._values: dict[str, Any] = {}
        self._size = 0
        self._flaws: list[tuple[str, Flaw]] = []  # emptied when a part begins

    def fill(self, part: _Part) -> tuple[_Part, list[tuple[str, Flaw]]]:
        """The part filled in, and what is wrong with it: field and flaw."""
        self._flaws = []
        changed: dict[str, Any] = {}
        for place in PLACES:
            value = getattr(part, place, None)
            if value is not None:
                filled = self._place(place, value)
                if filled is not value:
                    changed[place] = filled
        return (part.model_copy(update=changed) if changed else part), self._flaws

    def _place(self, place: str, value: Any) -> Any:
        if place == "params":
            return self._deep(place, value)
        if place == "env":
            return self._each(place, value, _to_variable)
        if isinstance(value, Resources):
            return self._resources(place, value)
        return self._one(place, value, _to_quantity if place == "timeout" else _to_text)

    def _resources(self, place: str, resources: Resources) -> Resources:
        changed: dict[str, Any] = {}
        for name, value in resources:
            if isinstance(value, dict):
                changed[name] = self._each(f"{place}.{name}", value, _to_quantity)
            elif isinstance(value, tuple):
                changed[name] = self._accelerators(f"{place}.{name}", value)
            elif is_template(value):
                changed[name] = self._one(f"{place}.{name}", value, _to_quantity)
        return resources.model_copy(update=changed) if changed else resources

    def _accelerators(self, place: str, names: tuple[str, ...]) -> tuple[str, ...]:
        """Each entry is text; a template may also stand for several."""
        filled: list[str] = []
        for index, name in enumerate(names):
            value = self._one(f"{place}.{index}", name, _to_names)
            filled.extend(value if isinstance(value, list) else [value])
        return tuple(filled)

    def _each(self, place: str, values: dict[str, Any], convert: Callable[[Any], Any]) -> dict[str, Any]:
        if not any(is_template(value) for value in values.values()):
            return values
        return {name: self._one(f"{place}.{name}", value, convert) for name, value in values.items()}

    def _one(self, place: str, value: Any, convert: Callable[[Any], Any]) -> Any:
        """One value; what a template gave is converted to what the place holds, anything else is as it was."""
        if not is_template(value):
            return value
        try:
            return convert(self._evaluate(value))
        except BadTemplate as error:
            self._flaws.append((place, error.flaw))
            return value

    def _deep(self, place: str, value: Any) -> Any:
        if is_template(value):
            return self._one(place, value, lambda given: given)
        if isinstance(value, dict):
            filled = {key: self._deep(f"{place}.{key}", each) for key, each in value.items()}
            return filled if any(filled[key] is not value[key] for key in value) else value
        if isinstance(value, list):
            items = [self._deep(f"{place}.{index}", each) for index, each in enumerate(value)]
            return items if any(item is not each for item, each in zip(items, value, strict=True)) else value
        return value

    def _evaluate(self, text: str) -> Any:
        if text not in self._values:
            value = self._templates.render(text, self._names)
            self._size += len(value) if isinstance(value, str) else 1
            if self._size > MAX_RENDERED:
                raise BadTemplate(Flaw("size", f"the rendered flow has more than {MAX_RENDERED >> 20} MiB of text"))
            self._values[text] = value
        return self._values[text]


def _to_text(value: Any) -> str:
    if isinstance(value, str) and value:
        return value
    raise _unfit("text", value)


def _to_variable(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _to_quantity(value: Any) -> Any:
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        return value
    raise _unfit("a number, or text such as 500m, 2GiB or 30s", value)


def _to_names(value: Any) -> Any:
    names = value if isinstance(value, list) else [value]
    if names and all(isinstance(name, str) and name for name in names):
        return value
    raise _unfit("text, or a list of texts", value)


def _unfit(expected: str, value: Any) -> BadTemplate:
    came = "an empty text" if value == "" else show(value)
    return BadTemplate(Flaw("type", f"expected the template to give {expected}, it gave {came}"))
