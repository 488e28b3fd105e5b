"""The asynchronous client is the plain one again, method by method."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

import pytest

from tests.house.async_twin import RENAMED, TARGET, make_twin

TEXTS = make_twin()


@pytest.mark.parametrize("name", TEXTS)
def test_the_twin_is_what_is_made_of_the_client_now(name: str) -> None:
    here = (TARGET / f"{name}.py").read_text(encoding="utf-8")
    assert here == TEXTS[name], "run `python -m tests.house.async_twin`"


def test_there_is_nothing_beside() -> None:
    assert {path.stem for path in TARGET.glob("*.py")} == TEXTS.keys()


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - {"__init__"}))
def test_both_have_the_same_methods_with_the_same_arguments(name: str) -> None:
    plain, twin = import_module(f"dix.client.{name}"), import_module(f"dix.client.aio.{name}")
    compared = 0
    for class_name, each in inspect.getmembers(twin, inspect.isclass):
        if each.__module__ == twin.__name__:
            original = class_name.removeprefix("Async")
            names = {new: old for old, new in RENAMED.items()}
            assert list_methods(each) == list_methods(getattr(plain, names.get(class_name, original)))
            compared += 1
    assert compared


def list_methods(kind: type) -> dict[str, Any]:
    """The public methods of a class, with the names of their arguments."""
    return {
        name: list(inspect.signature(method).parameters)
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
