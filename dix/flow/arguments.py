"""The arguments that a script takes, as its argparse declares them: a JSON Schema, checks, and how each is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dix.errors import Problem
from dix.flow.parameters import ParamChecker
from dix.flow.spec import AlgorithmSpec

# Script mode keeps these for itself: they are never handed to the script.
RESERVED = "sagemaker_"
_TYPES = {"int": "integer", "float": "number", "bool": "boolean"}
_CONVERT: dict[str, type[int] | type[float]] = {"integer": int, "number": float}


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. `flags` is empty for one that is known by its place; `type` is a word of JSON Schema, None where
    the script converts it in a way of its own.

    A switch is written without a value, when its parameter is true (`store_true`) or false (`store_false`); one that
    is `negatable` as `--name` or `--no-name`. `is_many` says that several values follow each other.
    """

    name: str
    flags: tuple[str, ...] = ()
    type: str | None = None
    default: Any = None
    choices: tuple[Any, ...] = ()
    help: str = ""
    required: bool = False
    is_many: bool = False
    switch: bool | None = None
    negatable: bool = False

    def answers_to(self, name: str) -> bool:
        """Whether a parameter of that name means this argument: flags may have hyphens, parameters have none."""
        return name == self.name or any(name == _plain(flag) for flag in self.flags)

    def find_flag(self, name: str) -> str:
        """How a parameter of that name is written, dashes included."""
        wanted = [flag for flag in self.flags if flag.lstrip("-") == name]
        return (wanted or [flag for flag in self.flags if _plain(flag) == name] or sorted(self.flags, key=len)[-1:])[0]

    def to_schema(self) -> dict[str, Any]:
        """What a value of it may be."""
        schema: dict[str, Any] = {}
        if self.choices:
            schema["enum"] = list(self.choices)
        elif self.type is not None:
            schema["type"] = ["array", self.type] if self.is_many else self.type
        if self.default is not None:
            schema["default"] = self.default
        return schema | ({"description": self.help} if self.help else {})

    def convert(self, value: Any) -> Any:
        """A value as the script would read it: text that says a number is one."""
        make = _CONVERT.get(self.type or "")
        if make is None or not isinstance(value, str):
            return value
        try:
            return make(value)
        except ValueError:
            return value


@dataclass(frozen=True, slots=True)
class Arguments:
    """All that could be read. Where `is_whole` is False there may be more: others are not refused."""

    items: tuple[Argument, ...] = ()
    is_whole: bool = False

    def find(self, name: str) -> Argument | None:
        """The argument that a parameter means; None for one that the script does not declare."""
        exact = next((one for one in self.items if one.name == name), None)
        return exact or next((one for one in self.items if one.answers_to(name)), None)

    def to_schema(self) -> dict[str, Any]:
        """The JSON Schema of the parameters, as ready algorithms publish theirs."""
        return {
            "type": "object",
            "properties": {one.name: one.to_schema() for one in self.items},
            "required": [one.name for one in self.items if one.required],
            "additionalProperties": not self.is_whole,
        }

    def check(self, node: str | None, script: str, params: Mapping[str, Any], *, rendered: bool) -> list[Problem]:
        """What is wrong with the parameters of a node that runs the script called `script`."""
        spec = AlgorithmSpec(name=script, title=script, help="", inputs=(), outputs=(), params=self.to_schema())
        given: dict[str, Any] = {}
        spelled: dict[str, str] = {}
        for name, value in params.items():
            if not name.startswith(RESERVED):
                argument = self.find(name)
                key = argument.name if argument else name
                spelled[f"params.{key}"] = f"params.{name}"
                given[key] = argument.convert(value) if argument else value
        problems = ParamChecker(spec).check(node, given, rendered=rendered)
        return [replace(one, field=spelled.get(one.field or "", one.field)) for one in problems]


@dataclass(slots=True)
class Spelling:
    """How parameters are written on a command line, and under which names the script knows them."""

    words: list[str] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)


def spell(params: Mapping[str, Any], declared: Arguments) -> Spelling:
    """Script mode: sorted `--name value` pairs. Where the script declares another form (hyphens, a switch, several
    values, a place), it is that form.
    """
    done, placed = Spelling(), dict[str, list[str]]()
    for name in sorted(params):
        if name.startswith(RESERVED):
            continue
        argument = declared.find(name)
        if argument is None:
            done.names[name] = params[name]
            done.words += [f"--{name}" if len(name) > 1 else f"-{name}", write_value(params[name])]
        elif not argument.flags:
            done.names[argument.name] = params[name]
            placed[argument.name] = _write_many(argument, params[name])
        else:
            flag = argument.find_flag(name)
            done.names[flag.lstrip("-")] = params[name]
            done.words += _write_flag(argument, flag, params[name])
    first = [word for one in declared.items for word in placed.get(one.name, ())]
    done.words = first + done.words
    return done


def write_value(value: Any) -> str:
    """A value as one word: `True`, nothing for None, `k=v,k2=v2` for a mapping."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ",".join(f"{key}={inner}" for key, inner in sorted(value.items()))
    return str(value)


def _write_flag(argument: Argument, flag: str, value: Any) -> list[str]:
    if argument.negatable and isinstance(value, bool):
        return [flag if value else f"--no-{flag.lstrip('-')}"]
    if argument.switch is not None and isinstance(value, bool):
        return [flag] if value == argument.switch else []
    words = _write_many(argument, value)
    # argparse takes -1e-07 for an option of its own, unless it stands in one word with its name.
    if flag.startswith("--") and len(words) == 1 and words[0].startswith("-"):
        return [f"{flag}={words[0]}"]
    return [flag, *words]


def _write_many(argument: Argument, value: Any) -> list[str]:
    values: Iterable[Any] = value if argument.is_many and isinstance(value, list | tuple) else [value]
    return [write_value(_whole(argument, one)) for one in values]


def _whole(argument: Argument, value: Any) -> Any:
    is_whole = argument.type == "integer" and isinstance(value, float) and value.is_integer()
    return int(value) if is_whole else value


def _plain(flag: str) -> str:
    return flag.lstrip("-").replace("-", "_")


def find_type(word: str | None) -> str | None:
    """The word of JSON Schema for a type that argparse is given by name."""
    return _TYPES.get(word or "")
