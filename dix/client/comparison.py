"""Runs side by side: how they were asked for, what came out, and in what they differ."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from dix.client.pictures.tables import Html, write_state, write_table
from dix.client.rows import level, make_arrow, make_pandas
from dix.records.moments import to_text
from dix.records.run import Run
from dix.records.step import Step

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Kind: TypeAlias = Literal["run", "param", "metric"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing of all the runs, in their order; None in `values` is a run that has it not.

    `node` is the node that reported a metric.
    """

    kind: Kind
    name: str
    node: str | None
    values: tuple[Any, ...]

    @property
    def differs(self) -> bool:
        """Whether not all runs have the same."""
        return any(not _same(value, self.values[0]) for value in self.values[1:])

    @property
    def column(self) -> str:
        """Its name in a table: `state`, `params.epochs`, `metrics.cnn.loss`."""
        if self.kind == "run":
            return self.name
        return f"params.{self.name}" if self.kind == "param" else f"metrics.{self.node}.{self.name}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The ids of some runs, and everything that can be compared of them."""

    ids: tuple[str, ...]
    facts: tuple[Fact, ...]

    @property
    def differences(self) -> tuple[Fact, ...]:
        """What not all runs have the same."""
        return tuple(fact for fact in self.facts if fact.differs)

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dict for each run: its id, and a key for each fact."""
        return level(
            {"id": run, **{fact.column: fact.values[place] for fact in self.facts}}
            for place, run in enumerate(self.ids)
        )

    def to_arrow(self) -> pa.Table:
        """A row for each run, as an Arrow table."""
        return make_arrow(self.to_dicts())

    def to_pandas(self) -> pd.DataFrame:
        """A row for each run, as a pandas data frame with the ids as its index."""
        frame = make_pandas(self.to_dicts())
        return frame.set_index("id") if self.ids else frame

    def _repr_html_(self) -> str:
        rows = [[fact.column, *(_show(fact, value) for value in fact.values)] for fact in self.facts]
        marked = [place for place, fact in enumerate(self.facts) if fact.differs]
        return write_table(["", *self.ids], rows, marked)


def compare(runs: Sequence[Run], steps: Sequence[Iterable[Step]]) -> Comparison:
    """Compare runs, each with its steps."""
    facts = [*_compare_runs(runs), *_compare_params(runs), *_compare_metrics([tuple(each) for each in steps])]
    return Comparison(tuple(run.id for run in runs), tuple(facts))


def to_json(value: Any) -> Any:
    """A value of a fact as the API writes it: moments as text, numbers that JSON cannot say as words."""
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _compare_runs(runs: Sequence[Run]) -> Iterator[Fact]:
    for name in ("flow", "flow_version", "project", "user", "logical_date"):
        yield Fact("run", name, None, tuple(getattr(run, name) for run in runs))
    yield Fact("run", "state", None, tuple(run.state.value for run in runs))
    yield Fact("run", "seconds", None, tuple(_measure(run.started, run.ended) for run in runs))
    yield Fact("run", "error", None, tuple(run.error for run in runs))


def _compare_params(runs: Sequence[Run]) -> Iterator[Fact]:
    for name in dict.fromkeys(name for run in runs for name in run.params):
        yield Fact("param", name, None, tuple(run.params.get(name) for run in runs))


def _compare_metrics(steps: Sequence[tuple[Step, ...]]) -> Iterator[Fact]:
    """The last value of each number."""
    last = [{(step.node, name): value for step in each for name, value in step.metrics.items()} for each in steps]
    for node, name in dict.fromkeys(key for each in last for key in each):
        yield Fact("metric", name, node, tuple(each.get((node, name)) for each in last))


def _measure(started: datetime | None, ended: datetime | None) -> float | None:
    return (ended - started).total_seconds() if started and ended else None


def _show(fact: Fact, value: Any) -> Any:
    return Html(write_state(value)) if fact.column == "state" else value


def _same(one: Any, other: Any) -> bool:
    """Two values that are both no number are the same here, and true is not 1."""
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other):
        return True
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)
