"""Every error survives the way to another process: its class, its facts and its sentence."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

from dix import errors
from dix.errors import BadDocument, DixError, Problem

PROBLEM = Problem("cnn", "framework", "unknown", "there is no framework torc", "torch")


def find_classes(base: type[DixError] = DixError) -> Iterator[type[DixError]]:
    """The base and all below it that `dix/errors.py` defines."""
    yield base
    for child in base.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from find_classes(child)


def make_instance(kind: type[DixError]) -> DixError:
    """One error of the class, each argument a text that names it."""
    if kind is BadDocument:
        return BadDocument((PROBLEM,))
    return kind(*(f"the {name} <b>名</b>" for name in kind.NAMES))


CLASSES = sorted(set(find_classes()), key=lambda kind: kind.__name__)


def test_every_public_class_is_found() -> None:
    defined = {thing for thing in vars(errors).values() if isinstance(thing, type) and issubclass(thing, Exception)}
    assert set(CLASSES) == defined


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_survives_pickling(kind: type[DixError]) -> None:
    before = make_instance(kind)
    after = pickle.loads(pickle.dumps(before))
    assert type(after) is kind
    assert after.args == before.args
    assert after.facts() == before.facts()
    assert str(after) == str(before)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_names_all_its_facts(kind: type[DixError]) -> None:
    assert tuple(make_instance(kind).facts()) == kind.NAMES


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_is_drawn_in_the_tree_on_top_of_the_file(kind: type[DixError]) -> None:
    assert errors.__doc__ is not None
    assert kind.__name__ in errors.__doc__.replace("─", " ").split()


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_does_not_build_its_sentence_when_it_is_made(kind: type[DixError]) -> None:
    assert "__init__" not in vars(kind)
