"""The lineage of models over HTTP."""

from __future__ import annotations

import httpx
import pytest

from dix.api.lineage import LineageAnswer, _trace
from dix.api.origin import hide_origin
from dix.records.endpoint import Endpoint, EndpointState
from dix.records.model_version import ModelDraft, ModelVersion
from dix.records.moments import now
from dix.records.project import Project
from dix.records.run import Run
from dix.records.sight import Names, Sight
from dix.records.states import StepState
from dix.records.step import Step
from tests.api.server import Server

FLOW = """
dix: 1
name: f
nodes:
  rows: {kind: data, uri: digits/rows.parquet}
  other: {kind: data, uri: other.csv}
  parts: {kind: algorithm, algorithm: split, inputs: {data: rows}}
  net: {kind: algorithm, algorithm: cnn, inputs: {train: parts.train}}
  later: {kind: algorithm, algorithm: noop, inputs: {data: other}}
"""
URI = "/api/v1/models/net/versions/1/lineage"


@pytest.fixture(scope="module", autouse=True)
def version(server: Server) -> ModelVersion:
    catalog = server.parts.catalog
    for project in ("vision", "speech"):
        catalog.projects.create_project(Project(project, now()))
    catalog.flows.push_flow("f", FLOW, "h", "vision")
    rows = Step("r1", "rows", StepState.SUCCEEDED, outputs={"data": "file:///s/rows"}, digests={"data": "d1"})
    catalog.runs.create_run(Run("r1", "f", 1, now(), "vision", user="ana"), (rows, Step("r1", "net")))
    catalog.models.register_model(ModelDraft("base", "file:///base"), "speech")
    lineage = {
        "flow": "f",
        "flow_version": 1,
        "run": "r1",
        "models": {"weights": "models:/base/1", "gone": "models:/gone/1"},
        "params": {"rate": 0.1, "limit": float("inf")},
        "data": [{"port": "train", "uri": "file:///s/train", "sha256": "d2"}],
    }
    made = catalog.models.register_model(ModelDraft("net", "file:///n", {"lineage": lineage}), "vision", "r1", "net")
    child = {"lineage": {"models": {"model": "models:/net/1"}}}
    catalog.models.register_model(ModelDraft("tuned", "file:///t", child), "speech")
    catalog.aliases.set_alias("net", "champion", 1, "ana")
    for name, project in (("lamp", "vision"), ("mic", "speech")):
        catalog.endpoints.put_endpoint(Endpoint(name, "net", 1, project, EndpointState.READY, now(), now()))
    return made


def test_an_administrator_sees_where_a_version_comes_from_and_what_became_of_it(http: httpx.Client) -> None:
    lineage = http.get(URI).json()
    assert (lineage["run"], lineage["node"], lineage["flow"], lineage["flow_version"]) == ("r1", "net", "f", 1)
    assert lineage["user"] == "ana"
    assert lineage["data"] == [
        {"uri": "file:///s/rows", "sha256": "d1", "node": "rows", "port": None},
        {"uri": "file:///s/train", "sha256": "d2", "node": None, "port": "train"},
    ]
    assert lineage["parents"] == ["models:/base/1", "models:/gone/1"]
    assert (lineage["children"], lineage["endpoints"], lineage["aliases"]) == (
        ["models:/tuned/1"],
        ["lamp", "mic"],
        ["champion"],
    )
    assert lineage["params"] == {"rate": 0.1, "limit": "Infinity"}
    assert lineage["imported"] is None


def test_data_that_comes_straight_from_a_data_node_is_told_once(http: httpx.Client, server: Server) -> None:
    lineage = {"flow": "f", "flow_version": 1, "data": [{"port": "train", "uri": "file:///s/rows", "sha256": "d1"}]}
    draft = ModelDraft("straight", "file:///straight", {"lineage": lineage})
    server.parts.catalog.models.register_model(draft, "vision", "r1", "net")
    told = http.get("/api/v1/models/straight/versions/1/lineage").json()["data"]
    assert told == [{"uri": "file:///s/rows", "sha256": "d1", "node": "rows", "port": "train"}]


def test_a_version_without_a_run_has_a_lineage_too(http: httpx.Client) -> None:
    lineage = http.get("/api/v1/models/base/versions/1/lineage").json()
    assert (lineage["run"], lineage["data"], lineage["children"]) == (None, [], ["models:/net/1"])
    assert http.get("/api/v1/models/base/versions/2/lineage").status_code == 404


def test_a_member_of_the_project_sees_nothing_of_others(server: Server, version: ModelVersion) -> None:
    lineage = _trace(server.parts, version, Sight(frozenset({"vision"})))
    assert (lineage.run, lineage.endpoints, lineage.parents, lineage.children) == ("r1", ("lamp",), (), ())
    assert len(lineage.data) == 2


def test_whom_it_is_shared_with_does_not_see_its_run_and_data(server: Server, version: ModelVersion) -> None:
    shared = Sight(frozenset({"speech"}), models=Names(shown=frozenset({"net"})))
    lineage = _trace(server.parts, version, shared)
    assert (lineage.run, lineage.flow, lineage.data, lineage.params, lineage.parents) == (None, None, (), {}, ())
    assert (lineage.endpoints, lineage.children) == (("mic",), ("models:/tuned/1",))
    assert LineageAnswer.model_validate(lineage).reference == "models:/net/1"
    seen = hide_origin(version, shared)
    assert (seen.run, seen.node, "lineage" in seen.manifest) == (None, None, False)
    assert hide_origin(version, Sight(frozenset({"vision"}))) == version


def test_a_private_flows_run_is_hidden_with_it(version: ModelVersion) -> None:
    sight = Sight(frozenset({"vision"}), flows=Names(hidden=frozenset({"f"})))
    assert hide_origin(version, sight).run is None
