"""Bulk prediction on a Ray cluster, with Ray Data: one operator that reads, predicts and writes.

Ray Data moves only the descriptions of fragments and small reports; rows never travel between processes.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dix.data.bulk import Bulk, BulkOrder, BulkProgress, BulkReport
from dix.data.fragments import Fragment, cut_fragments
from dix.data.parts import PartReport, Workbench, predict_part
from dix.data.tally import Tally
from dix.errors import DixError
from dix.store.store import Store

# Of the CPUs of a cluster at most this share goes to a pool, so that a small one is never starved by it.
_MOST_OF_CLUSTER = 0.9


@dataclass(frozen=True, slots=True)
class PoolShape:
    """How many processes predict, and what each of them has."""

    workers: int
    cpus_each: float
    gpus_each: float
    threads_each: int


def shape_pool(cpus: float, gpus: float, cluster_cpus: float) -> PoolShape:
    """Divide a slice into processes: one a CPU, each with one thread; with a GPU, one process that has all of it."""
    within = min(cpus, cluster_cpus * _MOST_OF_CLUSTER)
    if gpus > 0:
        return PoolShape(1, round(within, 4), gpus, max(1, int(cpus)))
    workers = max(1, int(cpus))
    return PoolShape(workers, round(min(1.0, within / workers), 4), 0.0, 1)


def predict_with_ray(store: Store, order: BulkOrder, report: Callable[[BulkProgress], None]) -> BulkReport:
    """On a pool of actors of the cluster that this process belongs to; see `Bulk`."""
    import ray

    tally = Tally()
    cluster: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]  # Ray has no types here
    pool = shape_pool(order.cpus, order.gpus, cluster.get("CPU", 1.0))
    fragments = cut_fragments(store, order.source, order.format, pool.workers, order.medium)
    with store.stage(order.target) as stage:
        for part in _stream_parts(_Work(store, order, stage.uri, pool.threads_each), fragments, pool):
            report(tally.add(part, len(fragments)))
        stage.commit()
    return tally.finish()


@dataclass(frozen=True, slots=True)
class _Work:
    """What a worker is told once, when it starts."""

    store: Store
    order: BulkOrder
    folder: str
    threads: int


class _Worker:
    """Lives in an actor of the pool: holds the predictor, and turns fragments into parts.

    Its own errors are handed back as values, so that they arrive as what they are and not in Ray's wrapping.
    """

    def __init__(self, work: bytes) -> None:
        self._work: _Work = pickle.loads(work)  # noqa: S301  # our own order, sent by predict_with_ray
        # Made with the first fragment, so that what is wrong with the model is handed back as well.
        self._bench: Workbench | None = None

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        fragment: Fragment = pickle.loads(row["fragment"])  # noqa: S301  # ours as well
        try:
            return {"result": pickle.dumps(self._predict(fragment))}
        except DixError as error:
            return {"result": pickle.dumps(error)}

    def _predict(self, fragment: Fragment) -> PartReport:
        if self._bench is None:
            work = self._work
            predictor = work.order.make_predictor(work.threads)
            self._bench = Workbench(work.store, work.order, predictor, work.folder, work.threads)
        return predict_part(self._bench, fragment)


def _stream_parts(work: _Work, fragments: Sequence[Fragment], pool: PoolShape) -> Iterator[PartReport]:
    """The parts as they are done, in any order; the first error of a worker is raised and stops the rest."""
    import ray

    context = ray.data.DataContext.get_current()
    # Its lines about each dataset would stand among those of the step; it sets its level itself when it is imported.
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    # A part may take long, or wait long for its CPU; how long is the engine's business.
    context.execution_no_progress_timeout_s = -1
    rows = [{"fragment": pickle.dumps(fragment)} for fragment in fragments]
    # Ray Data makes the instance itself, in the actor.
    worker: Any = _Worker
    dataset = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
        worker,
        fn_constructor_args=(pickle.dumps(work),),
        compute=ray.data.ActorPoolStrategy(size=min(pool.workers, len(rows))),
        num_cpus=pool.cpus_each,
        num_gpus=pool.gpus_each or None,
    )
    for row in dataset.iter_rows():
        result = pickle.loads(row["result"])  # noqa: S301  # written by our own worker
        if isinstance(result, DixError):
            raise result
        yield result


_: Bulk = predict_with_ray
