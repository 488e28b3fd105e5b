"""The share of bad rows that a node allows reaches its algorithm, and what was left out is told by the step."""

from __future__ import annotations

from dix.records.states import RunState
from tests.engine.conftest import Workshop

FLOW = """
dix: 1
name: tolerant
defaults: {bad_rows: 0.1}
nodes:
  rows: {kind: data, uri: rows.csv}
  split: {kind: algorithm, algorithm: split, inputs: {data: rows}}
"""


def test_a_node_leaves_out_the_share_that_it_allows(workshop: Workshop) -> None:
    workshop.store.write_bytes("rows.csv", b"n,label\n" + b"1,x\n2,y\n" * 10 + b"3,\n")
    run = workshop.do(FLOW)
    assert run.state is RunState.SUCCEEDED
    assert workshop.steps(run.id)["split"].metrics["bad_rows"] == 1
    refused = workshop.do(FLOW.replace("0.1", "0.01"))
    assert "1 of 21 cannot be used, 4.76%, and bad_rows allows 1.00%" in str(workshop.steps(refused.id)["split"].error)
