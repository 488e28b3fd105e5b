"""One thread, and the parity table at the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from tests.frameworks.caffe.measuring import Row
from tests.frameworks.caffe.parity_table import format_rows

HERE = Path(__file__).parent
ROWS: pytest.StashKey[list[Row]] = pytest.StashKey()


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small nets are slower on more, and the same sums in the same order are asked for."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Callable[[list[Row]], None]:
    """Note measured rows for the table, and fail for those beyond their gates."""

    def note(rows: list[Row]) -> None:
        request.config.stash.setdefault(ROWS, []).extend(rows)
        beyond = [f"{row.case} {row.about}: {row.worst:.3g} > {row.gate:g}" for row in rows if not row.is_within]
        assert not beyond, "; ".join(beyond)

    return note


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What a folder of reference numbers does not have is no test; pytest would call it skipped."""
    absent = [item for item in items if item.path.is_relative_to(HERE) and item.name.endswith("[NOTSET]")]
    if absent:
        config.hook.pytest_deselected(items=absent)
        items[:] = [item for item in items if item not in absent]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash.get(ROWS, [])
    if rows:
        terminalreporter.section("Caffe parity: the worst of each, relative to real Caffe's numbers")
        terminalreporter.write_line(format_rows(rows))
