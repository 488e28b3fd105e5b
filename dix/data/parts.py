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


def predict_part(store: Store, order: BulkOrder, fragment: Fragment, predictor: Answers, folder: str) -> PartReport:
    """Read, predict and write one fragment into `folder`, a batch at a time; the next is read in the meantime."""
    started, clock = time.time(), time.monotonic()
    with write_part(store, folder, f"part-{fragment.number:06d}.parquet") as writer:
        for batch in read_ahead(read_fragment(store, order, fragment)):
            answers = predictor.predict(batch.tensors)
            writer.write(add_answers(batch.kept, answers.get("label"), answers.get("probabilities")))
        rows = writer.rows
    return PartReport(fragment.number, rows, started, time.monotonic() - clock)
