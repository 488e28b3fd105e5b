"""Names of variables that are not free, and secrets where no code runs."""

from __future__ import annotations

import pytest

from dix.algorithms.lookup import list_specs
from dix.errors import BadDocument
from dix.flow.check import check_text

FLOW = """
dix: 1
name: told
{head}
nodes:
  rows: {{kind: data, uri: rows, {data}}}
  a: {{kind: algorithm, algorithm: noop, inputs: {{data: rows}}, {fields}}}
"""


@pytest.mark.parametrize(
    ("places", "told"),
    [
        ({"fields": "env: {RAY_ADDRESS: x}"}, "a.env.RAY_ADDRESS: names that begin with DIX_ or RAY_ belong to"),
        ({"head": "defaults: {env: {DIX_HOME: x}}"}, "env.DIX_HOME: names that begin with DIX_ or RAY_ belong to"),
        ({"fields": "secrets: [DIX_TOKEN]"}, "a.secrets: names that begin with DIX_ or RAY_ belong to the platform"),
        ({"fields": "secrets: [KEY], env: {KEY: x}"}, "a.secrets: KEY is in env too; name it once"),
        ({"data": "secrets: [KEY]"}, "rows.secrets: only the code of an algorithm is given secrets"),
    ],
)
def test_variables_that_cannot_be(places: dict[str, str], told: str) -> None:
    text = FLOW.format(**{"head": "", "data": "title: rows", "fields": "title: a"} | places)
    with pytest.raises(BadDocument) as caught:
        check_text(text, list_specs())
    (problem,) = caught.value.problems
    assert problem.rule == "variable"
    assert str(problem).startswith(told)


def test_variables_that_can_be() -> None:
    text = FLOW.format(head="defaults: {env: {A: x}}", data="title: rows", fields="env: {B: y}, secrets: [KEY]")
    assert check_text(text, list_specs()).nodes["a"].secrets == ("KEY",)
