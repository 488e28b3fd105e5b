"""What a step calls its metrics becomes what JSON can say."""

from __future__ import annotations

import json
from collections import OrderedDict
from enum import IntEnum
from typing import Any

import numpy as np
import pytest

from dix.engine.plain import make_plain


class Color(IntEnum):
    RED = 3


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (2**70, 2**70),
        (0.5, 0.5),
        ("text", "text"),
        (Color.RED, 3),
        (np.float64(0.25), 0.25),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.bool_(False), False),
        (np.str_("x"), "x"),
        ((1, (2, 3)), [1, [2, 3]]),
        (OrderedDict(a={1: np.int8(2)}), {"a": {"1": 2}}),
        (1j, "1j"),
        (b"bytes", "b'bytes'"),
        ("\udce4", "\\udce4"),
        ("x" * 5000, "x" * 1000),
    ],
)
def test_each_kind_of_value(value: Any, plain: Any) -> None:
    made = make_plain(value)
    assert made == plain
    assert type(made) is type(plain)
    json.dumps(made)
