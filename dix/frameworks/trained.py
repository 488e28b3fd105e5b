"""The card of a model that was trained, whatever the framework."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from dix.frameworks.base import ModelCard
from dix.frameworks.intakes.lookup import describe_intake
from dix.frameworks.outcomes.lookup import describe_outcome
from dix.frameworks.training import TrainOrder


def make_trained_card(order: TrainOrder, framework: str, net: BaseModel, metrics: dict[str, Any]) -> ModelCard:
    """What `order` asked for, with the spec of the net and the final numbers."""
    return ModelCard(
        algorithm=order.algorithm,
        framework=framework,
        inputs=order.intake.inputs,
        outputs=order.outcome.outputs,
        labels=getattr(order.outcome, "labels", ()),
        preprocessing=describe_intake(order.intake),
        outcome=describe_outcome(order.outcome),
        net=net.model_dump(mode="json"),
        params=dict(order.params),
        metrics=metrics,
    )
