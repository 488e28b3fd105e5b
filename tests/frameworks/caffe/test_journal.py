from __future__ import annotations

import re

from dix.frameworks.caffe.journal import format_line, format_number, format_output


def test_a_line_is_one_of_glog() -> None:
    line = format_line("rate", "Iteration 3, lr = 0.01")
    assert re.fullmatch(r"I\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ sgd_solver\.cpp:\d+\] Iteration 3, lr = 0\.01", line)


def test_numbers_are_those_of_a_stream() -> None:
    assert [format_number(value) for value in (0.00999925, 2.3889930, 1e-7, 40.0)] == [
        "0.00999925",
        "2.38899",
        "1e-07",
        "40",
    ]


def test_an_output_says_its_part_in_the_loss() -> None:
    assert format_output("Test", 1, "loss", 0.5, 2.0) == "    Test net output #1: loss = 0.5 (* 2 = 1 loss)"
    assert format_output("Train", 0, "accuracy", 0.5, 0.0) == "    Train net output #0: accuracy = 0.5"
