"""What a notebook shows; names hold anything."""

from __future__ import annotations

import math
from typing import Any

import dix
from dix.client.connection import Client
from dix.records.metric import MetricPoint
from dix.records.model_version import ModelDraft
from dix.records.moments import now
from dix.records.states import RunState, StepState
from tests.api.server import FLOW, Server

EVIL = "<script>alert(1)</script>\"'&\x1b[31m\u202e数字🧪"


def show(thing: Any) -> str:
    html: str = thing._repr_html_()
    assert "<script" not in html
    assert "\x1b" not in html
    return html


def test_a_flow_is_drawn_and_its_titles_are_text() -> None:
    flow = dix.Flow("digits", description=EVIL)
    data = flow.data("train", "x", title=EVIL)
    flow.algorithm("cnn", inputs={"train": data}, title=EVIL, framework=EVIL)
    html = show(flow)
    assert html.count("<polygon") == 1
    assert "&lt;script&gt;" in html


def test_a_flow_that_cannot_be_says_why() -> None:
    flow = dix.Flow("digits", params={EVIL: 1})
    flow.data("1 <script>", "")
    assert "<li>" in show(flow)
    around = dix.Flow("digits")
    around.algorithm("a", inputs={"train": "a"})
    assert "cycle" in show(around)
    assert "digits" in show(dix.Flow("digits"))


def test_a_run_shows_states_times_and_numbers(client: Client, server: Server) -> None:
    run = client.runs.start(FLOW, {"epochs": 2})
    server.engine.move_step(
        run.id,
        "cnn",
        StepState.RUNNING,
        attempt=1,
        started=now(),
        progress=0.25,
        metrics={EVIL: 0.5},
        reason=EVIL,
    )
    html = show(run.refresh())
    for word in (run.id, "queued", "running", "25%", "train_set", "0.5", "digits, version 1"):
        assert word in html
    server.engine.finish(run.id, RunState.FAILED, EVIL)
    assert "failed" in show(run.refresh())
    point = MetricPoint(run.id, "cnn", 1, EVIL, 1, math.nan, now())
    server.parts.catalog.telemetry.add_metrics((point,))
    assert "nan" in show(run.metrics())
    assert "seconds" in show(run.compare(run.id))


def test_a_kept_flow_and_a_model_have_cards(client: Client, server: Server) -> None:
    client.flows.push(FLOW)
    assert "<polygon" in show(client.flows.get("digits"))
    assert "<polygon" not in show(client.flows.list().items[0])
    assert client.flows.get("digits").to_flow().to_doc().name == "digits"
    server.parts.catalog.models.register_model(ModelDraft("digits", EVIL, {"framework": EVIL, EVIL: 1}), "default")
    html = show(client.models.get("digits"))
    assert "models:/digits/1" in html
    assert "framework" in html
