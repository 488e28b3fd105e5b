"""What a run tells the templates of its flow: its times, its name, its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dix.errors import BadValue


@dataclass(frozen=True, slots=True)
class RunContext:
    """What templates see of a run. Times have a zone and are used in UTC; `params` are given over the flow's."""

    params: Mapping[str, Any]
    logical_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    run_id: str

    def __post_init__(self) -> None:
        for name in ("logical_date", "data_interval_start", "data_interval_end"):
            if getattr(self, name).tzinfo is None:
                raise BadValue(name, "a time with a zone", str(getattr(self, name)), "give it in UTC")

    @classmethod
    def at(cls, moment: datetime, run_id: str, params: Mapping[str, Any] | None = None) -> RunContext:
        """A run without an interval: its logical date and both ends are one moment."""
        return cls(params or {}, moment, moment, moment, run_id)

    def names(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The names that a template knows, with Airflow's meanings; `params` are those of the flow and the run."""
        logical = self.logical_date.astimezone(UTC)
        day = logical.date().isoformat()
        clock = logical.replace(microsecond=0, tzinfo=None).isoformat()
        return {
            "params": dict(params),
            "ds": day,
            "ds_nodash": day.replace("-", ""),
            "ts": logical.isoformat(),
            "ts_nodash": clock.replace("-", "").replace(":", ""),
            "logical_date": logical,
            "data_interval_start": self.data_interval_start.astimezone(UTC),
            "data_interval_end": self.data_interval_end.astimezone(UTC),
            "run_id": self.run_id,
        }
