"""Predict one fragment and write it as one part: the work of bulk prediction, wherever it runs."""

from __future__ import annotations

import time
from dataclasses import dataclass

from dix.data.bulk import Answers, BulkOrder
from dix.data.fragments import Fragment
from dix.data.part_reading import read_fragment
from dix.data.part_writing import add_answers, write_part
from dix.data.read_ahead import read_ahead
from dix.store.store import Store


@dataclass(frozen=True, slots=True)
class PartReport:
    """One part is written; `started` is in seconds since 1970, so that other machines can compare it."""

    number: int
    rows: int
    started: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Workbench:
    """What one process predicts with: the order, its own predictor and threads, and the folder that takes the parts."""

    store: Store
    order: BulkOrder
    predictor: Answers
    folder: str
    threads: int = 1


def predict_part(bench: Workbench, fragment: Fragment) -> PartReport:
    """Read, predict and write one fragment, a batch at a time; the next is read in the meantime."""
    started, clock = time.time(), time.monotonic()
    with write_part(bench.store, bench.folder, f"part-{fragment.number:06d}.parquet") as writer:
        for batch in read_ahead(read_fragment(bench.store, bench.order, fragment, bench.threads)):
            answers = bench.predictor.predict(batch.tensors)
            writer.write(add_answers(batch.kept, answers, bench.order.classes))
        rows = writer.rows
    return PartReport(fragment.number, rows, started, time.monotonic() - clock)
