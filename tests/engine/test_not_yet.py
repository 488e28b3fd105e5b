"""Fields that the engine would have to ignore are refused."""

from __future__ import annotations

import pytest

from dix.errors import BadDocument
from tests.engine.conftest import Workshop

FLOW = """
dix: 1
name: early
nodes:
  only: {{kind: algorithm, algorithm: noop, {field}}}
"""


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("resources: {workers: 2}", "resources.workers"),
    ],
)
def test_what_cannot_be_done_yet_is_said_before_the_run(workshop: Workshop, field: str, named: str) -> None:
    with pytest.raises(BadDocument) as caught:
        workshop.start(FLOW.format(field=field))
    found = {problem.field for problem in caught.value.problems if problem.rule == "not-yet"}
    assert found == {named}
    assert not workshop.catalog.runs.list_unfinished_runs()


def test_a_ready_algorithm_spreads_where_its_framework_does(workshop: Workshop) -> None:
    text = """
dix: 1
name: early
nodes:
  images: {kind: data, uri: digits/train}
  only:
    kind: algorithm
    algorithm: cnn
    framework: caffe
    inputs: {train: images}
    resources: {workers: 2}
"""
    with pytest.raises(BadDocument) as caught:
        workshop.start(text)
    [problem] = caught.value.problems
    what = "cnn on several workers with caffe is not there yet; leave it out, or say framework: torch or tensorflow"
    assert (problem.node, problem.field, problem.message) == ("only", "resources.workers", what)


def test_a_muted_node_may_say_what_it_likes(workshop: Workshop) -> None:
    run = workshop.start(FLOW.format(field="muted: true, resources: {workers: 2}"))
    assert workshop.steps(workshop.wait(run.id).id)["only"].reason == "it is muted"
