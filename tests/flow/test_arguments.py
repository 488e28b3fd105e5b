"""What a script takes, read from its text; and how parameters are written for it."""

from __future__ import annotations

import argparse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dix.errors import BadValue
from dix.flow.argument_reader import read_arguments
from dix.flow.arguments import Arguments, spell

HEAD = "import argparse\nparser = argparse.ArgumentParser()\n"
TAIL = "args = parser.parse_args()\n"
SCRIPT = f"""{HEAD}
SIZES = ["small", "big"]
parser.add_argument("data", help="where it is")
parser.add_argument("-b", "--batch-size", type=int, default=32, help="rows at a time")
parser.add_argument("--lr", "--learning-rate", dest="rate", type=float, required=True)
parser.add_argument("--size", choices=SIZES, default="small")
parser.add_argument("--fast", action="store_true")
parser.add_argument("--no-cache", dest="cache", action="store_false")
parser.add_argument("--shuffle", action=argparse.BooleanOptionalAction)
group = parser.add_argument_group("more")
group.add_argument("--layers", type=int, nargs="+")
group.add_argument("--model-dir", default=__import__("os").environ.get("SM_MODEL_DIR"))
parser.add_argument("--version", action="version", version="1")
{TAIL}"""


def test_a_form_comes_out_of_the_text() -> None:
    found = read_arguments(SCRIPT)
    assert found.is_whole
    schema = found.to_schema()
    assert schema["properties"] == {
        "data": {"description": "where it is"},
        "batch_size": {"type": "integer", "default": 32, "description": "rows at a time"},
        "rate": {"type": "number"},
        "size": {"enum": ["small", "big"], "default": "small"},
        "fast": {"type": "boolean"},
        "cache": {"type": "boolean"},
        "shuffle": {"type": "boolean"},
        "layers": {"type": ["array", "integer"]},
        "model_dir": {},
    }
    assert schema["required"] == ["data", "rate"]


@pytest.mark.parametrize(
    "text",
    [
        "print(1)",
        HEAD + "args, rest = parser.parse_known_args()",
        HEAD + "from other import add_more\nadd_more(parser)\n" + TAIL,
        HEAD + "for name in names: parser.add_argument(name)\n" + TAIL,
        HEAD + "parser.add_argument('--x', **options)\n" + TAIL,
        HEAD + "sub = parser.add_subparsers()\n" + TAIL,
        "import argparse\nparser = argparse.ArgumentParser(parents=[base])\n" + TAIL,
    ],
)
def test_where_there_may_be_more_nothing_is_refused(text: str) -> None:
    found = read_arguments(text)
    assert not found.is_whole
    assert found.check("n", "train.py", {"anything": 1}, rendered=True) == []


@pytest.mark.parametrize("text", ["def f(:", "x = '\0'", "(" * 5000])
def test_what_is_no_python_is_said(text: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_arguments(text)
    assert "expected Python" in str(caught.value)


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"batch_sise": 3}, ["train.py has no parameter batch_sise", "batch_size"]),
        ({"batch_size": "many"}, ["expected a whole number", None]),
        ({"size": "huge"}, ["expected one of small, big", None]),
        ({"fast": "yes"}, ["expected true or false", None]),
    ],
)
def test_wrong_parameters_are_told(params: dict[str, Any], told: list[str | None]) -> None:
    given_ones = {"data": "x", "learning_rate": "0.1", "batch_size": "32"} | params
    (problem,) = read_arguments(SCRIPT).check("n", "train.py", given_ones, rendered=True)
    assert problem.message.startswith(str(told[0]))
    assert problem.nearest == told[1]
    assert problem.field == f"params.{next(iter(params))}"


def test_a_missing_one_is_told_and_templates_wait() -> None:
    found = read_arguments(SCRIPT)
    (problem,) = found.check("n", "train.py", {"data": "{{ x }}", "batch_size": "{{ y }}"}, rendered=False)
    assert (problem.field, problem.rule) == ("params.rate", "missing-parameter")


def test_parameters_are_written_as_the_script_declares_them() -> None:
    params = {
        "data": "d", "batch_size": 64.0, "learning_rate": 0.1, "fast": True, "cache": True, "shuffle": False,
        "layers": [3, 4], "sagemaker_program": "x",
    }  # fmt: skip
    spelling = spell(params, read_arguments(SCRIPT))
    assert spelling.words == [
        "d", "--batch-size", "64", "--fast", "--layers", "3", "4", "--learning-rate", "0.1", "--no-shuffle",
    ]  # fmt: skip
    assert spelling.names["batch-size"] == 64.0


def test_without_a_declaration_it_is_script_mode_to_the_letter() -> None:
    params = {"b": 1, "z_last": None, "flag": True, "map": {"y": 2, "x": 1}, "list": [1, "a"]}
    assert spell(params, Arguments()).words == [
        "-b", "1", "--flag", "True", "--list", "[1, 'a']", "--map", "x=1,y=2", "--z_last", "",
    ]  # fmt: skip


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True).filter(lambda name: not name.startswith("sagemaker_"))
VALUES = st.one_of(
    st.booleans(), st.integers(), st.floats(allow_nan=False), st.none(), st.text(st.characters(codec="utf-8"))
)


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_every_parameter_is_one_pair_in_order(params: dict[str, Any]) -> None:
    words = spell(params, Arguments()).words
    assert words[::2] == [f"--{name}" if len(name) > 1 else f"-{name}" for name in sorted(params)]
    assert words[1::2] == ["" if params[name] is None else str(params[name]) for name in sorted(params)]


@given(
    size=st.integers(),
    rate=st.floats(allow_nan=False, allow_infinity=False),
    fast=st.booleans(),
    layers=st.lists(st.integers(min_value=0), min_size=1, max_size=4),
)
def test_argparse_reads_back_what_was_written(size: int, rate: float, fast: bool, layers: list[int]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--layers", type=int, nargs="+")
    declared = read_arguments(
        HEAD + 'parser.add_argument("--batch-size", type=int)\nparser.add_argument("--rate", type=float)\n'
        'parser.add_argument("--fast", action="store_true")\n'
        'parser.add_argument("--layers", type=int, nargs="+")\n' + TAIL
    )
    words = spell({"batch_size": size, "rate": rate, "fast": fast, "layers": layers}, declared).words
    found = parser.parse_args(words)
    assert (found.batch_size, found.rate, found.fast, found.layers) == (size, rate, fast, layers)
