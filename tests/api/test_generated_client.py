"""A client that is generated from the OpenAPI document, and knows nothing else, does the main job."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest
from aiopenapi3 import OpenAPI

from dix.records.model_version import ModelDraft
from dix.records.states import RunState, StepState
from tests.api.server import FLOW, TOKEN, Server


class Direct(httpx2.Client):
    """Goes to our own machine without the proxy of the surroundings."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "trust_env": False})


@pytest.fixture(scope="module")
def api(server: Server) -> Any:
    with server.open(token=None) as http:
        text = json.dumps(http.get("/api/v1/openapi.json").json())

    made = OpenAPI.loads(f"{server.url}/api/v1/openapi.json", text, session_factory=Direct)
    made.authenticate(HTTPBearer=TOKEN)
    return made


def call(api: Any, operation: str, body: dict[str, Any] | None = None, **parameters: Any) -> Any:
    """The answer of an operation as the generated client understands it."""
    ask = getattr(api._, operation)
    return ask(data=body, parameters=parameters) if body is not None else ask(parameters=parameters)


def test_a_generated_client_does_the_main_job(api: Any, server: Server) -> None:
    checked = call(api, "check", {"text": FLOW})
    assert (checked.name, checked.problems) == ("digits", [])
    pushed = call(api, "push_flow", {"text": FLOW})
    assert pushed.version == 1
    wish, key = {"flow": "digits", "params": {"epochs": 5}}, {"Idempotency-Key": "generated"}
    run = call(api, "start_run", wish, **key)
    assert call(api, "start_run", wish, **key) == run
    server.engine.move(run.id, RunState.RUNNING)
    server.engine.move_step(run.id, "train_set", StepState.RUNNING, attempt=1)
    server.engine.move(run.id, RunState.SUCCEEDED)
    found = call(api, "get_run", id=run.id).model_dump(mode="json")
    assert (found["state"], found["params"]) == ("succeeded", {"epochs": 5})
    assert [event.kind for event in call(api, "list_events", id=run.id).items] == ["running", "running", "succeeded"]
    listed = call(api, "list_runs", flow="digits", sort="-created", limit=1)
    assert [item.id for item in listed.items] == [run.id]
    server.parts.catalog.models.register_model(ModelDraft("digits", "file:///x"), "default")
    assert call(api, "get_model", name="digits").reference == "models:/digits/1"
    endpoint = call(api, "deploy_endpoint", {"name": "digits", "model": "digits", "replicas": 1})
    assert endpoint.path == "/v2/models/digits"
    assert call(api, "who_am_i").user == "admin"
