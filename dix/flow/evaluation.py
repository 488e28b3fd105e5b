"""Evaluates the expressions of a template, counting steps and weighing values, so that no template can hang."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import nodes

from dix.flow.evaluation_bounds import MAX_STEPS, MAX_TEXT, Refused, check_number, to_text, weigh
from dix.flow.evaluation_operators import COMPARISONS, OPERATORS, apply
from dix.flow.evaluation_tables import ATTRIBUTES, FILTERS, METHODS, TESTS
from dix.names import find_nearest

# The expressions evaluated here, and what only holds their parts together.
EXPRESSIONS: tuple[type[nodes.Node], ...] = (
    nodes.Const,
    nodes.Name,
    nodes.List,
    nodes.Tuple,
    nodes.Dict,
    nodes.CondExpr,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Neg,
    nodes.Pos,
    nodes.Concat,
    nodes.Compare,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Filter,
    nodes.Test,
    nodes.Call,
    *OPERATORS,
    nodes.Slice,
    nodes.Pair,
    nodes.Operand,
    nodes.Keyword,
)


class _Missing(Refused):
    """A key or attribute that is not there; `default` and `is defined` catch it."""


class Evaluation:
    """One template, once: `names` are what its expressions may begin with."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names
        self._steps = 0
        self._rules: dict[type[nodes.Node], Callable[[Any], Any]] = {
            nodes.Const: self._constant,
            nodes.TemplateData: self._constant,
            nodes.Name: self._name,
            nodes.List: self._list,
            nodes.Tuple: self._list,
            nodes.Dict: self._dict,
            nodes.CondExpr: self._condition,
            nodes.And: self._and,
            nodes.Or: self._or,
            nodes.Not: self._not,
            nodes.Neg: self._sign,
            nodes.Pos: self._sign,
            nodes.Concat: self._concat,
            nodes.Compare: self._compare,
            nodes.Getattr: self._getattr,
            nodes.Getitem: self._getitem,
            nodes.Filter: self._filter,
            nodes.Test: self._test,
            nodes.Call: self._call,
            **dict.fromkeys(OPERATORS, self._arithmetic),
        }

    def text(self, body: Iterable[nodes.Node]) -> str:
        """The text of a template's body; raises Refused, or Python's own error for a senseless operation."""
        parts: list[str] = []
        for node in body:
            if isinstance(node, nodes.If):
                parts.append(self.text(self._choose(node)))
            elif isinstance(node, nodes.Output):
                parts.extend(to_text(self.value(each)) for each in node.nodes)
            if sum(map(len, parts)) > MAX_TEXT:
                raise Refused("template", f"the text has more than {MAX_TEXT} characters; make it smaller")
        return "".join(parts)

    def value(self, node: nodes.Node) -> Any:
        """The value of an expression."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Refused("template", f"it takes more than {MAX_STEPS} steps; write it simpler")
        return self._rules[type(node)](node)

    def _choose(self, node: nodes.If) -> list[nodes.Node]:
        if self.value(node.test):
            return node.body
        for other in node.elif_:
            if self.value(other.test):
                return other.body
        return node.else_

    def _constant(self, node: nodes.Const | nodes.TemplateData) -> Any:
        return node.value if isinstance(node, nodes.Const) else node.data

    def _name(self, node: nodes.Name) -> Any:
        return self._names[node.name]

    def _list(self, node: nodes.List | nodes.Tuple) -> Any:
        return [self.value(item) for item in node.items]

    def _dict(self, node: nodes.Dict) -> Any:
        return {self.value(pair.key): self.value(pair.value) for pair in node.items}

    def _condition(self, node: nodes.CondExpr) -> Any:
        if self.value(node.test):
            return self.value(node.expr1)
        return self.value(node.expr2) if node.expr2 is not None else ""

    def _and(self, node: nodes.And) -> Any:
        return self.value(node.left) and self.value(node.right)

    def _or(self, node: nodes.Or) -> Any:
        return self.value(node.left) or self.value(node.right)

    def _not(self, node: nodes.Not) -> Any:
        return not self.value(node.node)

    def _sign(self, node: nodes.Neg | nodes.Pos) -> Any:
        value = self.value(node.node)
        return check_number(-value if isinstance(node, nodes.Neg) else +value)

    def _concat(self, node: nodes.Concat) -> Any:
        parts = [to_text(self.value(each)) for each in node.nodes]
        weigh(parts)
        return "".join(parts)

    def _compare(self, node: nodes.Compare) -> Any:
        left = self.value(node.expr)
        for operand in node.ops:
            right = self.value(operand.expr)
            if not COMPARISONS[operand.op](left, right):
                return False
            left = right
        return True

    def _arithmetic(self, node: nodes.BinExpr) -> Any:
        return apply(type(node), self.value(node.left), self.value(node.right))

    def _getattr(self, node: nodes.Getattr) -> Any:
        return _look_up(self.value(node.node), node.attr)

    def _getitem(self, node: nodes.Getitem) -> Any:
        value = self.value(node.node)
        if isinstance(node.arg, nodes.Slice):
            start, stop, step = (each and self.value(each) for each in (node.arg.start, node.arg.stop, node.arg.step))
            return value[slice(start, stop, step)]
        key = self.value(node.arg)
        if isinstance(key, int) and isinstance(value, list | str):
            return value[key]
        return _look_up(value, key)

    def _filter(self, node: nodes.Filter) -> Any:
        if node.node is None:
            raise Refused("template", f"the filter {node.name} has nothing to work on")
        args, named = self._arguments(node)
        try:
            value = self.value(node.node)
        except _Missing:
            if node.name not in {"default", "d"}:
                raise
            return args[0] if args else named.get("default", "")
        if isinstance(value, str | list | dict) and node.name not in {"default", "d"}:
            weigh(value)
        return check_number(FILTERS[node.name](value, *args, **named))

    def _test(self, node: nodes.Test) -> Any:
        args, named = self._arguments(node)
        try:
            value = self.value(node.node)
        except _Missing:
            if node.name not in {"defined", "undefined"}:
                raise
            return node.name == "undefined"
        return TESTS[node.name](value, *args, **named)

    def _call(self, node: nodes.Call) -> Any:
        if not isinstance(node.node, nodes.Getattr):
            raise Refused("template", "only methods can be called")
        value = self.value(node.node.node)
        name = node.node.attr
        methods = next((methods for kind, methods in METHODS.items() if isinstance(value, kind)), {})
        if name not in methods:
            raise Refused("unknown-name", f"a {_kind(value)} has no method {name}", find_nearest(name, methods))
        if isinstance(value, str | list):
            weigh(value)
        args, named = self._arguments(node)
        return check_number(methods[name](value, *args, **named))

    def _arguments(self, node: nodes.Filter | nodes.Test | nodes.Call) -> tuple[list[Any], dict[str, Any]]:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise Refused("template", "arguments cannot be spread with * or **; write them out")
        return [self.value(each) for each in node.args], {str(each.key): self.value(each.value) for each in node.kwargs}


def _look_up(value: Any, key: Any) -> Any:
    if isinstance(value, Mapping):
        if key in value:
            return value[key]
        nearest = find_nearest(key, [each for each in value if isinstance(each, str)]) if isinstance(key, str) else None
        raise _Missing("unknown-name", f"there is no {key!r} in this mapping", nearest)
    for kind, names in ATTRIBUTES.items():
        if isinstance(value, kind) and key in names:
            return getattr(value, key)
    raise _Missing("unknown-name", f"a {_kind(value)} has no {key!r} that a template may use")


def _kind(value: Any) -> str:
    names = {"str": "text", "dict": "mapping", "datetime": "date", "int": "number", "float": "number"}
    return names.get(type(value).__name__, type(value).__name__)
