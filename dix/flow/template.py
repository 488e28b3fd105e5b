"""Templates: Jinja2's grammar, Airflow's names, and an evaluation that can neither escape nor hang.

Jinja2 parses; the expressions are then evaluated here, step by step, because Jinja2's own sandbox bounds neither time
nor size (`'a' * 10**10`). What is understood: expressions, `{% if %}`, comments and `{% raw %}`; loops, assignments,
macros and imports are refused with a sentence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

from dix.flow.evaluation import EXPRESSIONS, Evaluation
from dix.flow.evaluation_bounds import Refused, check_number, weigh
from dix.flow.evaluation_tables import FILTERS, METHODS, TESTS
from dix.flow.nearest import Nearest, list_names
from dix.names import find_nearest

NAMES = (
    "params",
    "ds",
    "ds_nodash",
    "ts",
    "ts_nodash",
    "logical_date",
    "data_interval_start",
    "data_interval_end",
    "run_id",
)
MAX_TEMPLATE = 16 * 2**10
MAX_TEMPLATES = 4 * 2**20

_STATEMENTS = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.If)
_METHOD_NAMES = frozenset(name for names in METHODS.values() for name in names)


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong in a template: a stable word, a sentence, the nearest name that would do."""

    rule: str
    message: str
    nearest: str | None = None


class BadTemplate(ValueError):
    """A template that cannot be filled in; `flaw` says why."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


def is_template(value: Any) -> bool:
    """Whether a value is text that Jinja2 would do something with."""
    return isinstance(value, str) and ("{{" in value or "{%" in value or "{#" in value)


def has_template(value: Any) -> bool:
    """Whether a value is a template, or holds one however deep."""
    if isinstance(value, dict):
        return any(has_template(each) for each in value.values())
    if isinstance(value, list | tuple):
        return any(has_template(each) for each in value)
    return is_template(value)


class Templates:
    """Parses each text once; for one check, or one rendering, of one document."""

    def __init__(self, params: Collection[str]) -> None:
        self._grammar = Environment(keep_trailing_newline=True, autoescape=False)  # noqa: S701 - grammar only
        self._params = params
        self._parsed: dict[str, nodes.Template | Flaw] = {}
        self._flaws: dict[str, tuple[Flaw, ...]] = {}
        self._nearest = Nearest()
        self._size = 0

    def find_flaws(self, text: str) -> tuple[Flaw, ...]:
        """Everything that can be said about a template before any run."""
        if text not in self._flaws:
            tree = self._parse(text)
            found = (tree,) if isinstance(tree, Flaw) else tuple(dict.fromkeys(self._list_flaws(tree)))
            self._flaws[text] = found
        return self._flaws[text]

    def render(self, text: str, names: Mapping[str, Any]) -> Any:
        """The value of a template: of its own type when it is exactly one expression, text otherwise.

        Raises BadTemplate. Dates become text as in `ts`; tuples become lists.
        """
        flaws = self.find_flaws(text)
        tree = self._parse(text)
        if flaws or isinstance(tree, Flaw):
            raise BadTemplate(flaws[0])
        try:
            return _to_plain(_evaluate(tree, Evaluation(names)))
        except Refused as error:
            raise BadTemplate(Flaw(error.rule, f"{_shorten(text)}: {error}", error.nearest)) from error
        except RecursionError as error:
            raise BadTemplate(_too_deep(text)) from error
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            raise BadTemplate(Flaw("template", f"{_shorten(text)} cannot be evaluated: {error}")) from error

    def _parse(self, text: str) -> nodes.Template | Flaw:
        if text not in self._parsed:
            self._parsed[text] = self._parse_new(text)
        return self._parsed[text]

    def _parse_new(self, text: str) -> nodes.Template | Flaw:
        if len(text) > MAX_TEMPLATE:
            return Flaw("template", f"a template has at most {MAX_TEMPLATE} characters, this one has {len(text)}")
        self._size += len(text)
        if self._size > MAX_TEMPLATES:
            return Flaw("size", f"a flow has at most {MAX_TEMPLATES >> 20} MiB of different templates; write fewer")
        try:
            return self._grammar.parse(text)
        except TemplateSyntaxError as error:
            hint = 'write {{ "{{" }} where braces are meant as text'
            return Flaw("template", f"{_shorten(text)} is not a template: {error.message}; correct it, or {hint}")
        except RecursionError:
            return _too_deep(text)
        except ValueError:  # Python reads no number of more than 4300 digits
            return Flaw("template", f"{_shorten(text)} has a number with too many digits; shorten it")

    def _list_flaws(self, tree: nodes.Template) -> list[Flaw]:
        flaws: list[Flaw] = []
        waiting: list[nodes.Node] = [tree]
        while waiting:
            node = waiting.pop()
            flaw = self._flaw_of_param(node) or _flaw_of(node)
            if flaw is None:
                waiting.extend(reversed(list(node.iter_child_nodes())))
            else:
                flaws.append(flaw)
        return flaws

    def _flaw_of_param(self, node: nodes.Node) -> Flaw | None:
        """Whether `params.name` or `params["name"]` names no parameter of the flow."""
        if not isinstance(node, nodes.Getattr | nodes.Getitem) or not isinstance(node.node, nodes.Name):
            return None
        name = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
        if node.node.name != "params" or not isinstance(name, str) or name in self._params or name in METHODS[dict]:
            return None
        what = f"the flow has no parameter {name[:60]}; declare it under params, with a default"
        return Flaw("unknown-name", what, self._nearest.find(name, self._params))


def _evaluate(tree: nodes.Template, evaluation: Evaluation) -> Any:
    if len(tree.body) == 1 and isinstance(tree.body[0], nodes.Output):
        parts = tree.body[0].nodes
        if len(parts) == 1 and not isinstance(parts[0], nodes.TemplateData):
            return evaluation.value(parts[0])
    return evaluation.text(tree.body)


def _to_plain(value: Any) -> Any:
    """Only what a document may hold comes out."""
    weigh(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _to_plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_to_plain(each) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return check_number(value)
    raise Refused("template", f"its value is a {type(value).__name__}; expected text, a number, a list or a mapping")


def _flaw_of(node: nodes.Node) -> Flaw | None:
    if isinstance(node, nodes.Name):
        return None if node.name in NAMES else _unknown("unknown-name", "name", node.name, NAMES)
    if isinstance(node, nodes.Filter):
        return None if node.name in FILTERS else _unknown("unknown-name", "filter", node.name, FILTERS)
    if isinstance(node, nodes.Test):
        return None if node.name in TESTS else _unknown("unknown-name", "test", node.name, TESTS)
    if isinstance(node, nodes.Call):
        return _call_flaw(node)
    if isinstance(node, (*_STATEMENTS, *EXPRESSIONS)):
        return None
    word = type(node).__name__.lower()
    return Flaw("template", f"{{% {word} %}} is not allowed in a template; use expressions, filters or {{% if %}}")


def _call_flaw(node: nodes.Call) -> Flaw | None:
    if isinstance(node.node, nodes.Getattr):
        name = node.node.attr
        return None if name in _METHOD_NAMES else _unknown("unknown-name", "method", name, _METHOD_NAMES)
    name = node.node.name if isinstance(node.node, nodes.Name) else "this"
    return Flaw("template", f"{name} cannot be called in a template; use filters, as in ds | replace('-', '/')")


def _unknown(rule: str, kind: str, name: str, known: Collection[str]) -> Flaw:
    nearest = find_nearest(name, known)
    listed = "" if nearest else f"; there are {list_names(sorted(known))}"
    return Flaw(rule, f"a template knows no {kind} {name[:60]}{listed}", nearest)


def _too_deep(text: str) -> Flaw:
    return Flaw("template", f"{_shorten(text)} is nested too deeply; write it simpler")


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:60]}…"
