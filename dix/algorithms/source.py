"""What a data node does: see that the data is there, look at it, and hand its address on."""

from __future__ import annotations

from typing import Any

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.data.inspection import inspect_data
from dix.flow.spec import AlgorithmSpec, PortSpec


class Source(Algorithm):
    """Params `uri` (absolute) and `format`; raises DataMissing when nothing lies there, BadData for what is wrong.

    Its default output is the address itself; its metrics are `files`, `size_bytes`, `format` and, where they are known
    cheaply, `rows` and the number of `classes`.
    """

    spec = AlgorithmSpec(
        name="source",
        title="Data",
        help="Checks that the data exists, counts it, finds its format, and hands its address on.",
        inputs=(),
        outputs=(PortSpec("data"),),
    )

    def run(self, context: StepContext) -> StepResult:
        uri = str(context.params["uri"])
        # Where bad files may be left out, who reads them all finds out which ones are.
        looks_inside = context.bad_rows == 0
        facts = inspect_data(context.store, uri, context.params.get("format", "auto"), looks_inside=looks_inside)
        metrics: dict[str, Any] = {"files": facts.files, "size_bytes": facts.size_bytes, "format": facts.format}
        if facts.rows is not None:
            metrics["rows"] = facts.rows
        if facts.classes:
            metrics["classes"] = len(facts.classes)
        if facts.left_out:
            metrics["left_out"] = facts.left_out
        return StepResult(metrics=metrics, uris={"data": uri})
