"""The README of the room names every type of layer, measured or not, and every one that is not supported."""

from __future__ import annotations

import pytest

from dix.frameworks.caffe.layers.lookup import list_types, list_unsupported
from dix.frameworks.caffe.rules import list_rules
from tests.frameworks.caffe.parity_table import END, README, START


@pytest.mark.parametrize("name", [*list_types(), *list_rules(), *list_unsupported()])
def test_a_type_is_in_the_table(name: str) -> None:
    table = README.read_text(encoding="utf-8").partition(START)[2].partition(END)[0]
    assert name in table.replace("|", " ").replace(",", " ").replace(":", " ").replace(".", " ").split(), (
        "run `python -m tests.frameworks.caffe.parity_table`"
    )
