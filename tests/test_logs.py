"""What DI-X says about itself goes to standard error, once, from the level that was asked for."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from dix.logs import LOGGER_NAME, get_logger, start_logging


@pytest.fixture(autouse=True)
def the_logger_as_it_was() -> Iterator[None]:
    logger = logging.getLogger(LOGGER_NAME)
    before = (logger.handlers[:], logger.level, logger.propagate)
    yield
    logger.handlers[:], logger.level, logger.propagate = before


def test_an_entry_is_one_line_with_its_room(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("info")
    get_logger("engine").info("run %s accepted", "r1")
    caught = capsys.readouterr()
    assert caught.out == ""
    assert caught.err.endswith("INFO dix.engine: run r1 accepted\n")
    assert caught.err.count("\n") == 1


def test_less_important_entries_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("warning")
    get_logger("engine").info("nothing of note")
    assert capsys.readouterr().err == ""


def test_starting_twice_does_not_write_twice(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("warning")
    start_logging("warning")
    get_logger("store").warning("slow")
    assert capsys.readouterr().err.count("slow") == 1
