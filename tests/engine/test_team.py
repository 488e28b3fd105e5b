"""With whom a worker does its step."""

from __future__ import annotations

import pytest

from dix.engine.plan import Slice
from dix.engine.team import Alone, make_label
from dix.errors import BadValue
from dix.store.options import StoreOptions
from tests.engine.ears import make_order


def test_who_is_alone_does_no_step_of_several_workers() -> None:
    order = make_order(StoreOptions("memory://team"), "a", slice=Slice(workers=2))
    with pytest.raises(BadValue, match=r"resources\.workers"), Alone().join(order, lambda _lines: None):
        pass


def test_lines_say_of_whom_they_are() -> None:
    assert (Alone().label, make_label(3)) == ("", "[3] ")
