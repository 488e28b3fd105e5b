"""JSON text into a tree: faster than as YAML, and with JSON's own escapes (a pair of surrogates is one character)."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn, TypeAlias

from dix.errors import BadValue, Problem
from dix.flow.plain import is_text
from dix.flow.scalars import check_int
from dix.flow.tree import MAX_DEPTH, Tree, problem_at, refuse

_Path: TypeAlias = tuple[str | int, ...]
# Objects in which keys are repeated, by identity; the object is kept so that its identity stays its own.
_Repeats: TypeAlias = dict[int, tuple[dict[str, Any], tuple[str, ...]]]

_BEYOND = 2**65


def read_json(text: str) -> Tree:
    """Read one JSON document; raises ValueError when it is not JSON, BadDocument when it is nested too deeply."""
    repeats: _Repeats = {}

    def join(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        whole = dict(reversed(pairs)) if len({key for key, _ in pairs}) < len(pairs) else dict(pairs)
        if len(whole) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            repeats[id(whole)] = (whole, tuple(key for key, count in counts.items() if count > 1))
        return whole

    try:
        value = json.loads(text, object_pairs_hook=join, parse_constant=_refuse_constant, parse_int=_read_int)
    except RecursionError as error:
        raise refuse("depth", f"the document is nested more than {MAX_DEPTH} levels deep; write it flatter") from error
    return Tree(value, tuple(_find_problems(value, repeats)))


def _refuse_constant(word: str) -> NoReturn:
    raise refuse("number", f"{word} is not a value of JSON; give a finite number, or quote it if it is meant as text")


def _read_int(digits: str) -> int:
    # Python refuses to read very long numbers, and is slow on long ones: these are all told as beyond 64 bits.
    return int(digits) if len(digits) <= 20 else _BEYOND


def _find_problems(value: Any, repeats: _Repeats) -> Iterator[Problem]:
    """Everything JSON allows and a document does not, in document order."""
    waiting: list[tuple[_Path, Any]] = [((), value)]
    while waiting:
        path, item = waiting.pop()
        if len(path) > MAX_DEPTH:
            raise refuse("depth", f"{'.'.join(map(str, path[:3]))}… is nested more than {MAX_DEPTH} levels deep")
        if isinstance(item, dict):
            yield from _check_keys(path, item, repeats)
            waiting.extend(((*path, key), each) for key, each in reversed(item.items()))
        elif isinstance(item, list):
            waiting.extend(((*path, index), item[index]) for index in range(len(item) - 1, -1, -1))
        else:
            yield from _check_value(path, item)


def _check_keys(path: _Path, item: dict[str, Any], repeats: _Repeats) -> Iterator[Problem]:
    for key in repeats.get(id(item), (item, ()))[1]:
        yield problem_at((*path, key), "duplicate-key", f"{key!r} is written twice in one object; keep one of them")
    for key in item:
        if not is_text(key):
            raise refuse("encoding", f"the key {key!r} has U+0000 or half a surrogate pair; remove it")


def _check_value(path: _Path, item: Any) -> Iterator[Problem]:
    if isinstance(item, str) and not is_text(item):
        yield problem_at(path, "encoding", "a text has the character U+0000 or half a surrogate pair; remove it")
    elif isinstance(item, float) and not math.isfinite(item):
        yield problem_at(path, "number", "a number is too large for JSON; give a finite one such as 1.0e+300")
    elif isinstance(item, int):
        try:
            check_int(item)
        except BadValue as error:
            yield problem_at(path, "number", f"expected {error.fact('expected')}; {error.fact('todo')}")
