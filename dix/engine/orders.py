"""Makes the order of an attempt out of what its step is, and what the steps before it have left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dix.catalog.access_base import Secrets
from dix.catalog.base import Models
from dix.engine.messages import StepKey, StepOrder
from dix.engine.plan import PlannedStep, Source
from dix.errors import NotFound
from dix.names import find_nearest, is_model_reference, read_model_reference
from dix.records.model_version import ModelVersion
from dix.records.run import Run
from dix.records.step import Step
from dix.store.options import StoreOptions


def make_order(
    key: StepKey, run: Run, step: PlannedStep, done: Mapping[str, Step], *, models: Models, store: StoreOptions
) -> StepOrder:
    """All that a worker needs; `done` has the steps before it.

    Raises NotFound for an output or a model that is not there.
    """
    given = {port: _find_output(done[source.node], source) for port, source in step.inputs.items()}
    references = dict(step.models) | {port: uri for port, uri in given.items() if is_model_reference(uri)}
    versions = {port: find_version(reference, models) for port, reference in references.items()}
    return StepOrder(
        key=key,
        step=step,
        inputs={port: uri for port, uri in given.items() if port not in references},
        models={port: version.reference for port, version in versions.items()},
        model_folders={port: version.uri for port, version in versions.items()},
        store=store,
        lineage=_trace(run, step, versions),
        digests=_find_digests(step, done, versions),
        retry_of=run.retry_of,
        trusted=frozenset(port for port, version in versions.items() if version.trusted_by is not None),
    )


def give_secrets(order: StepOrder, project: str, secrets: Secrets) -> StepOrder:
    """The order with the values of the secrets that its step names; NotFound for one that is not there any more."""
    names = order.step.secrets
    return replace(order, secrets=secrets.read_values(project, names)) if names else order


def find_version(reference: str, models: Models) -> ModelVersion:
    """The version that a reference names now. Raises NotFound with the nearest model, version or alias."""
    wanted = read_model_reference(reference)
    return models.get_model(wanted.model, wanted.version, wanted.alias)


def _find_output(step: Step, source: Source) -> str:
    if source.port in step.outputs:
        return step.outputs[source.port]
    raise NotFound("output", f"{source.node}.{source.port}", find_nearest(source.port, step.outputs))


def _find_digests(step: PlannedStep, done: Mapping[str, Step], versions: Mapping[str, ModelVersion]) -> dict[str, str]:
    """What the inputs hold, where that is known."""
    given = {port: done[source.node].digests.get(source.port) for port, source in step.inputs.items()}
    given |= {port: version.manifest.get("checksum") for port, version in versions.items()}
    return {port: digest for port, digest in given.items() if digest is not None}


def _trace(run: Run, step: PlannedStep, versions: Mapping[str, ModelVersion]) -> dict[str, Any]:
    return {
        "run": run.id,
        "node": step.node,
        "flow": run.flow,
        "flow_version": run.flow_version,
        "models": {port: version.reference for port, version in versions.items()},
    }
