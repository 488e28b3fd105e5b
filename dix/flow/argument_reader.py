"""Reads the arguments that a script declares with argparse, from its text alone: the script is never run."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from dix.errors import BadValue
from dix.flow.arguments import Argument, Arguments, find_type
from dix.flow.plain import find_unplain

_GROUPS = frozenset({"add_argument_group", "add_mutually_exclusive_group"})
# After these there are arguments that do not stand in the text.
_OPENING = frozenset({"parse_known_args", "parse_known_intermixed_args", "add_subparsers"})
_SAID = frozenset({"help", "version"})


def read_arguments(source: str | bytes) -> Arguments:
    """What the script takes; raises BadValue for text that is not Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        where = f"line {line}: " if line else ""
        raise BadValue("script", "Python", f"{where}{getattr(error, 'msg', None) or error}") from None
    reader = _Reader(tree)
    for node in ast.walk(tree):
        reader.take(node)
    return Arguments(tuple(reader.found.values()), reader.is_whole())


class _Reader:
    """Collects what is declared, wherever in the text it stands."""

    def __init__(self, tree: ast.Module) -> None:
        self.found: dict[str, Argument] = {}
        self._constants = dict(_list_constants(tree))
        self._own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        self._parsers = {
            target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and _makes_parser(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self._parses = self._is_open = False

    def is_whole(self) -> bool:
        """Whether nothing else can be an argument."""
        return self._parses and not self._is_open

    def take(self, node: ast.AST) -> None:
        """Look at one node of the tree."""
        if not isinstance(node, ast.Call):
            return
        called = node.func.attr if isinstance(node.func, ast.Attribute) else None
        if called == "add_argument":
            self._take_argument(node)
        elif called == "parse_args":
            self._parses = True
        elif called in _OPENING or self._goes_elsewhere(node):
            self._is_open = True

    def _goes_elsewhere(self, call: ast.Call) -> bool:
        """Whether a parser is completed where we cannot look."""
        if _names(call.func, "ArgumentParser"):
            return any(word.arg in {"parents", "fromfile_prefix_chars", None} for word in call.keywords)
        if isinstance(call.func, ast.Name) and call.func.id in self._own:
            return False
        given = [*call.args, *(word.value for word in call.keywords)]
        return any(isinstance(one, ast.Name) and one.id in self._parsers for one in given)

    def _take_argument(self, call: ast.Call) -> None:
        flags = [self._read(one) for one in call.args]
        words = {word.arg: word.value for word in call.keywords if word.arg is not None}
        if not flags or not all(isinstance(flag, str) and flag for flag in flags) or len(words) < len(call.keywords):
            self._is_open = True
            return
        action = self._read(words.get("action"))
        if action in _SAID:
            return
        argument = self._make([str(flag) for flag in flags], words, action)
        self.found.setdefault(argument.name, argument)

    def _make(self, flags: list[str], words: dict[str, ast.expr], action: Any) -> Argument:
        is_placed = not flags[0].startswith("-")
        nargs = self._read(words.get("nargs"))
        switch = {"store_true": True, "store_false": False}.get(str(action))
        negatable = _names(words.get("action"), "BooleanOptionalAction")
        default = self._read(words.get("default"))
        choices = self._read(words.get("choices"))
        help_text = self._read(words.get("help"))
        is_asked = bool(self._read(words.get("required"))) or (is_placed and nargs not in {"?", "*"})
        return Argument(
            name=flags[0].replace("-", "_") if is_placed else self._find_name(flags, words),
            flags=() if is_placed else tuple(flags),
            type="boolean" if switch is not None or negatable else self._find_type(words.get("type")),
            default=default if find_unplain(default) is None else None,
            choices=tuple(choices) if isinstance(choices, list | tuple | range) else (),
            help=help_text if isinstance(help_text, str) else "",
            required=is_asked and "default" not in words,
            is_many=nargs in {"*", "+"} or isinstance(nargs, int),
            switch=switch,
            negatable=negatable,
        )

    def _find_name(self, flags: Iterable[str], words: dict[str, ast.expr]) -> str:
        given = self._read(words.get("dest"))
        if isinstance(given, str):
            return given
        long = [flag for flag in flags if flag.startswith("--")]
        return (long or list(flags))[0].lstrip("-").replace("-", "_")

    @staticmethod
    def _find_type(node: ast.expr | None) -> str | None:
        # bool("False") is true: what a script makes of that is its own affair.
        word = node.id if isinstance(node, ast.Name) and node.id != "bool" else None
        return find_type(word)

    def _read(self, node: ast.expr | None) -> Any:
        """The value of a literal, or of a constant of the file; None for everything else."""
        if isinstance(node, ast.Name):
            return self._constants.get(node.id)
        return _find_literal(node)


def _list_constants(tree: ast.Module) -> Iterable[tuple[str, Any]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = _find_literal(node.value)
            if value is not None:
                yield node.targets[0].id, value


def _find_literal(node: ast.expr | None) -> Any:
    try:
        return None if node is None else ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _makes_parser(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return _names(node.func, "ArgumentParser") or (isinstance(node.func, ast.Attribute) and node.func.attr in _GROUPS)


def _names(node: ast.expr | None, name: str) -> bool:
    """Whether an expression is that name, with or without its module."""
    return (isinstance(node, ast.Attribute) and node.attr == name) or (isinstance(node, ast.Name) and node.id == name)
