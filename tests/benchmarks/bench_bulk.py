"""Bulk prediction against a plain loop over the same files with the same net and the same number of threads.

    python -m tests.benchmarks.bench_bulk --rows 7000000 --cpus 2 [--twin]

Prints rows a second of the plain loop and of Ray Data (with --twin, of the in-process twin as well), their ratios, and
what starting cost. Choose as many rows as keep each of them busy for a minute.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dix.algorithms.score import Score
from dix.data.bulk import Bulk
from dix.data.bulk_process import predict_in_process
from dix.data.bulk_ray import predict_with_ray
from dix.frameworks.intakes.images import fit_images
from dix.frameworks.lookup import find_trainer, load_predictor
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.training import Examples, TrainOrder
from dix.store.options import StoreOptions
from dix.store.store import Store
from tests.benchmarks.steps import make_context

SIDE = 8
FILES = 4
ROW_GROUP = 65_536
BATCH = 1024


@dataclass(frozen=True)
class Case:
    """Where everything lies, and how large it is."""

    root: Path
    rows: int
    cpus: int

    @property
    def files(self) -> list[Path]:
        return sorted((self.root / "in").glob("*.parquet"))


def write_data(case: Case) -> None:
    """Images of noise with an id and a label; noise costs a net as much as digits do."""
    (case.root / "in").mkdir()
    chance = np.random.default_rng(0)
    each = case.rows // FILES
    for number in range(FILES):
        pixels = chance.integers(0, 255, each * SIDE * SIDE, dtype=np.uint8)
        lists = pa.FixedSizeListArray.from_arrays(pa.array(pixels), SIDE)
        images = pa.FixedSizeListArray.from_arrays(lists, SIDE)
        labels = pa.array(chance.integers(0, 10, each).astype(str))
        table = pa.table({"id": np.arange(each) + number * each, "image": images, "label": labels})
        pq.write_table(table, case.root / "in" / f"{number}.parquet", row_group_size=ROW_GROUP)


def write_model(case: Case) -> None:
    """A net of the size that the demo trains."""
    folder = case.root / "model"
    folder.mkdir()
    chance = np.random.default_rng(0)
    images = chance.integers(0, 255, (64, SIDE, SIDE), dtype=np.uint8)
    examples = Examples({"image": images}, np.arange(64) % 10)
    intake, outcome = fit_images(images, resized=False), ClassesOutcome(tuple("0123456789"))
    params = {"epochs": 1, "batch_size": 32, "learning_rate": 0.001, "channels": (32, 64), "hidden": 128}
    order = TrainOrder("cnn", intake, outcome, examples, None, params, folder)
    find_trainer("cnn", "torch")(order, lambda *_, **__: None)


def run_plain(case: Case) -> tuple[float, float]:
    """What somebody would write by hand who knows pyarrow: (rows a second, seconds before the first row)."""
    began = time.perf_counter()
    predictor = load_predictor(case.root / "model", case.cpus)
    (case.root / "plain").mkdir(exist_ok=True)
    started = time.perf_counter()
    for path in case.files:
        writer, waiting = None, []
        for batch in pq.ParquetFile(path, memory_map=True).iter_batches(BATCH):
            images = batch.column("image").flatten().flatten().to_numpy().reshape(-1, SIDE, SIDE)
            answers = predictor.predict({"image": images})
            lists = pa.FixedSizeListArray.from_arrays(pa.array(answers["probabilities"].reshape(-1)), 10)
            table = pa.Table.from_batches([batch]).drop_columns("image")
            table = table.append_column("prediction", pa.array(answers["label"], pa.string()))
            waiting.append(table.append_column("probabilities", lists.cast(pa.list_(pa.float32()))))
            if len(waiting) * BATCH >= ROW_GROUP:
                writer = _write(case.root / "plain" / path.name, writer, waiting)
        if waiting:
            writer = _write(case.root / "plain" / path.name, writer, waiting)
        if writer is not None:
            writer.close()
    return case.rows / (time.perf_counter() - started), started - began


def _write(path: Path, writer: pq.ParquetWriter | None, waiting: list[pa.Table]) -> pq.ParquetWriter:
    table = pa.concat_tables(waiting)
    if writer is None:
        texts: Any = ["label", "prediction"]
        writer = pq.ParquetWriter(path, table.schema, use_dictionary=texts)
    writer.write_table(table)
    waiting.clear()
    return writer


def run_ours(case: Case, bulk: Bulk) -> tuple[float, float]:
    """The model node: (rows a second, seconds before the first row)."""
    store = Store(StoreOptions(f"file://{case.root}"))
    context = make_context(
        store, {"batch_size": BATCH}, {"data": "in"}, models={"model": "model"}, target="out", cpus=case.cpus
    )
    result = Score(bulk).run(context)
    if result.metrics["rows"] != case.rows:
        raise SystemExit(f"{result.metrics['rows']} of {case.rows} rows came out")
    return result.metrics["rows_per_second"], result.metrics["startup_seconds"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=7_000_000)
    parser.add_argument("--cpus", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--twin", action="store_true")
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="dix-bench-"))
    case = Case(root, options.rows // FILES * FILES, options.cpus)
    try:
        write_data(case)
        write_model(case)
        bulks: dict[str, Bulk] = {"Ray Data": predict_with_ray}
        _compare(case, options.repeats, bulks | ({"in process": predict_in_process} if options.twin else {}))
    finally:
        shutil.rmtree(root)


def _compare(case: Case, repeats: int, bulks: dict[str, Bulk]) -> None:
    import ray

    ray.init(address="local", num_cpus=case.cpus, include_dashboard=False, log_to_driver=False)
    runs: dict[str, Callable[[], tuple[float, float]]] = {
        "plain loop": lambda: run_plain(case),
        **{name: partial(run_ours, case, bulk) for name, bulk in bulks.items()},
    }
    print(f"{case.rows:,} rows, {case.cpus} CPUs, a net of 8 x 8 pixels")
    for _ in range(repeats):
        plain = 0.0
        for name, run in runs.items():
            speed, startup = run()
            plain = plain or speed
            print(
                f"{name:>12}: {speed:9,.0f} rows/s, {case.rows / speed:6.1f} s after {startup:4.1f} s of start-up, "
                f"{speed / plain:.2f} x plain"
            )
    print(f"memory of this process at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
    ray.shutdown()


if __name__ == "__main__":
    main()
