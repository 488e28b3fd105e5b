"""Bulk prediction in this process: the twin of the one on Ray, for tests and for runs without a cluster."""

from __future__ import annotations

from collections.abc import Callable

from dix.data.bulk import Bulk, BulkOrder, BulkProgress, BulkReport
from dix.data.fragments import cut_fragments
from dix.data.parts import Workbench, predict_part
from dix.data.tally import Tally
from dix.store.store import Store


def predict_in_process(store: Store, order: BulkOrder, report: Callable[[BulkProgress], None]) -> BulkReport:
    """One fragment after the other, with all threads of the slice; see `Bulk`."""
    tally = Tally()
    fragments = cut_fragments(store, order.source, order.format, workers=1, medium=order.medium)
    threads = max(1, int(order.cpus))
    predictor = order.make_predictor(threads)
    with store.stage(order.target) as stage:
        bench = Workbench(store, order, predictor, stage.uri, threads)
        for fragment in fragments:
            report(tally.add(predict_part(bench, fragment), len(fragments)))
        stage.commit()
    return tally.finish()


_: Bulk = predict_in_process
