"""Trials of a sweep side by side, as tables that pandas, Arrow and notebooks understand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dix.client.pictures.tables import write_table
from dix.client.rows import make_arrow, make_pandas

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class SweepComparison:
    """A row for each trial, in columns: parameters as `params.NAME`, numbers as `node.metric.min`, `.max`, `.last`.

    `differing` are the columns in which trials differ; `best` and `pareto` are trials by number.
    """

    sweep: str
    columns: dict[str, list[Any]] = field(repr=False)
    differing: tuple[str, ...] = ()
    best: int | None = None
    pareto: tuple[int, ...] = ()

    def to_dicts(self, *, differences_only: bool = False) -> list[dict[str, Any]]:
        """A dict for each trial."""
        names = [name for name in self.columns if not differences_only or name in self.differing or name == "trial"]
        rows = zip(*(self.columns[name] for name in names), strict=True)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def to_arrow(self) -> pa.Table:
        """The table as Arrow."""
        return make_arrow(self.to_dicts())

    def to_pandas(self) -> pd.DataFrame:
        """The table as a pandas data frame."""
        return make_pandas(self.to_dicts())

    def _repr_html_(self) -> str:
        rows = self.to_dicts(differences_only=True)
        names = list(rows[0]) if rows else []
        return write_table(names, [[row[name] for name in names] for row in rows])


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One point of a trial's curve; `seconds` is since its run began."""

    trial: int
    replicate: int
    position: int
    value: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class TrialDifference:
    """`kind` is params, code, data or numbers; the values are of the first trial and of the second."""

    kind: str
    name: str
    values: list[Any]


def read_curves(document: Any) -> list[CurvePoint]:
    """The points of all curves that the server told."""
    return [
        CurvePoint(curve["trial"], curve["replicate"], *point)
        for curve in document["curves"]
        for point in zip(curve["positions"], curve["values"], curve["seconds"], strict=True)
    ]
