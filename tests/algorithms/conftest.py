"""A store with digits, and a way to run one algorithm as a worker does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.data.digits import write_digits
from dix.store.options import StoreOptions
from dix.store.store import Store
from tests.benchmarks.steps import make_context


@dataclass
class Ran:
    """One step that was run: its context, its result and what it reported."""

    context: StepContext
    result: StepResult
    rows: list[dict[str, Any]] = field(default_factory=list)


RunStep = Callable[..., Ran]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "store").mkdir()
    return Store(StoreOptions(f"file://{tmp_path / 'store'}"))


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The digits, written once; not to be changed."""
    folder = tmp_path_factory.mktemp("digits")
    write_digits(folder)
    return folder


@pytest.fixture
def run_step(store: Store, tmp_path: Path) -> RunStep:
    """Run an algorithm with the defaults of its parameters and the changes given."""
    count = 0

    def run(algorithm: Algorithm, inputs: dict[str, str] | None = None, **options: Any) -> Ran:
        nonlocal count
        count += 1
        defaults = {name: one["default"] for name, one in algorithm.spec.params.get("properties", {}).items()}
        rows: list[dict[str, Any]] = []

        def report(position: int, progress: float | None = None, **metrics: float) -> None:
            rows.append({"position": position, "progress": progress, **metrics})

        params = defaults | options.pop("params", {})
        scratch = tmp_path / f"scratch{count}"
        context = make_context(store, params, inputs or {}, scratch=scratch, report=report, **options)
        return Ran(context, algorithm.run(context), rows)

    return run
