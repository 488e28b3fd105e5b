"""The algorithms that the flows of these tests may use, and a large flow."""

from __future__ import annotations

import pytest

from dix.flow.spec import AlgorithmSpec, AlgorithmSpecs, PortKind, PortSpec

CNN = AlgorithmSpec(
    name="cnn",
    title="CNN",
    help="A net for images.",
    inputs=(PortSpec("train"), PortSpec("valid", required=False)),
    outputs=(PortSpec("model", PortKind.MODEL), PortSpec("metrics", PortKind.METRICS)),
    frameworks=("torch", "tensorflow"),
    params={
        "type": "object",
        "properties": {
            "learning_rate": {
                "type": "number",
                "exclusiveMinimum": 0,
                "default": 0.1,
                "description": "the size of a step",
            },
            "epochs": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 3},
            "optimizer": {"enum": ["sgd", "adam"], "default": "sgd"},
            "layers": {"type": "array", "items": {"type": "integer"}, "default": []},
            "name": {"type": "string", "minLength": 2},
        },
    },
    trains=True,
)
SPLIT = AlgorithmSpec(
    name="split",
    title="Split",
    help="Parts of a data set.",
    inputs=(PortSpec("data"),),
    outputs=(PortSpec("train"), PortSpec("valid"), PortSpec("test")),
    params={"type": "object", "properties": {"test": {"type": "number"}}, "required": ["test"]},
)
EVALUATE = AlgorithmSpec(
    name="evaluate",
    title="Evaluate",
    help="Numbers about predictions.",
    inputs=(PortSpec("data"),),
    outputs=(PortSpec("metrics", PortKind.METRICS), PortSpec("report")),
    frameworks=("torch",),
)


@pytest.fixture
def specs() -> AlgorithmSpecs:
    return {spec.name: spec for spec in (CNN, SPLIT, EVALUATE)}


@pytest.fixture(scope="session")
def big_flow() -> str:
    """Ten thousand nodes in threes: data, an algorithm with its flask, a circle."""
    lines = ["dix: 1", "name: big", "params: {rate: 0.01}", "nodes:"]
    for i in range(10_000):
        lines.append(f"  n{i}:")
        if i % 3 == 0:
            lines += ["    kind: data", f'    uri: "data/{{{{ ds }}}}/part-{i}.parquet"', "    format: parquet"]
        elif i % 3 == 1:
            lines += ["    kind: algorithm", "    algorithm: cnn", "    framework: torch"]
            lines += [f"    inputs: {{train: n{i - 1}}}", f"    model: m{i}", "    retries: 2", "    timeout: 2h"]
            lines += [f'    params: {{learning_rate: "{{{{ params.rate }}}}", epochs: {i % 900 + 1}}}']
            lines += ["    resources: {cpu: 1, gpu: 0.5, memory: 2GiB}"]
        else:
            lines += ["    kind: model", f"    model: n{i - 1}", f"    inputs: {{data: n{i - 2}}}"]
            lines += [f'    output: "scores/{{{{ ds }}}}/{i}"']
    return "\n".join(lines)
