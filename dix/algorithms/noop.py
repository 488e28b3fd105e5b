"""Do nothing: a barrier in a flow, and the measure of the engine."""

from __future__ import annotations

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.flow.spec import AlgorithmSpec, PortSpec


class Noop(Algorithm):
    """Hands its input's address on; without an input, the address where its output would lie."""

    spec = AlgorithmSpec(
        name="noop",
        title="Nothing",
        help="Hands its input on unchanged; what comes after it waits for it.",
        inputs=(PortSpec("data", required=False, help="Anything."),),
        outputs=(PortSpec("data", help="The same address."),),
    )

    def run(self, context: StepContext) -> StepResult:
        return StepResult(uris={"data": context.inputs.get("data", context.target)})
