"""`dix run` and `dix runs`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dix.engine.base import Edit
from dix.records.log_line import LogLine
from dix.records.metric import MetricPoint
from dix.records.moments import now
from dix.records.states import RunState, StepState
from tests.api.server import FLOW, Server
from tests.cli.conftest import Dix


@pytest.fixture
def run(dix: Dix, flow_file: str) -> str:
    return dix("run", flow_file).out.strip()


def when_accepted(server: Server, act: Callable[[str], None]) -> threading.Thread:
    """Do something to the next run as soon as it is there."""
    count = len(server.engine.orders)

    def wait() -> None:
        for _ in range(2000):
            if len(server.engine.orders) > count:
                newest = server.parts.catalog.runs.list_unfinished_runs()[-1]
                act(newest.id)
                return
            threading.Event().wait(0.005)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_an_accepted_run_prints_its_id_and_what_to_do_next(dix: Dix, flow_file: str) -> None:
    said = dix("run", flow_file, "-p", "epochs=5", "-p", "note=no")
    assert said.code == 0
    run = said.out.strip()
    assert f"dix runs show {run}" in said.err
    shown = dix("runs", "show", run, "--json").json()
    assert shown["params"] == {"epochs": 5, "note": "no"}
    assert shown["state"] == "queued"


def test_a_kept_flow_runs_by_its_name(dix: Dix, flow_file: str) -> None:
    assert dix("flows", "push", flow_file).code == 0
    said = dix("run", "digits", "--date", "2026-01-31", "--only", "cnn", "--json")
    assert said.json()["logical_date"] == "2026-01-31T00:00:00Z"
    assert said.json()["selection"] == {"only": "cnn"}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["run", "nothing.yaml"], "nothing.yaml"),
        (["run", "no-such-flow"], "no-such-flow"),
        (["run", "digits", "-p", "epochs"], "name=value"),
        (["run", "digits", "-p", "epochs=[1"], "epochs"),
        (["run", "digits", "--date", "soon"], "date"),
        (["run", "digits", "--from", "cnn", "--only", "cnn"], "neither from nor to"),
        (["runs", "show", "r0"], "r0"),
        (["runs", "cancel", "../../etc"], "../../etc"),
        (["runs", "list", "--state", "tired"], "state"),
        (["runs", "list", "--cursor", "mine"], "cursor"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(dix: Dix, flow_file: str, arguments: list[str], word: str) -> None:
    dix("flows", "push", flow_file)
    said = dix(*arguments)
    assert said.code == 2, said
    assert word in said.err
    assert said.err.count("\n") == 1
    assert dix(*arguments, "--json").json()["status"] in {404, 422}


def test_waiting_for_a_run_that_succeeds(dix: Dix, server: Server, flow_file: str) -> None:
    def act(id: str) -> None:
        server.engine.move(id, RunState.RUNNING)
        facts = {"attempt": 1, "progress": 0.5, "metrics": {"accuracy": 0.75}}
        server.engine.move_step(id, "cnn", StepState.RUNNING, **facts)
        server.engine.move(id, RunState.SUCCEEDED)

    helper = when_accepted(server, act)
    said = dix("run", flow_file, "--wait", "--json")
    helper.join()
    assert said.code == 0
    assert said.json()["state"] == "succeeded"
    assert "cnn: running 50% accuracy=0.75" in said.err


def test_waiting_for_a_run_that_fails_is_exit_code_1(dix: Dix, server: Server, flow_file: str) -> None:
    helper = when_accepted(server, lambda run: server.engine.finish(run, RunState.FAILED, "too \x1b[31mhot"))
    said = dix("run", flow_file, "--wait", "--json")
    helper.join()
    assert said.code == 1
    assert said.json()["state"] == "failed"
    assert "failed: too \\x1b[31mhot" in said.err


def test_ctrl_c_leaves_the_run_alone(dix: Dix, server: Server, flow_file: str) -> None:
    script = "import sys; from dix.cli.main import main; sys.argv = ['dix', 'run', sys.argv[1], '--wait']; main()"
    accepted = threading.Event()
    helper = when_accepted(server, lambda run: accepted.set())
    command = [sys.executable, "-c", script, flow_file]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        helper.join()
        assert accepted.is_set()
        assert process.stderr is not None
        first = process.stderr.readline()
        os.kill(process.pid, signal.SIGINT)
        _, rest = process.communicate(timeout=30)
    assert "queued" in first
    assert process.returncode == 130
    assert "goes on" in rest
    assert "dix runs cancel" in rest
    assert "Traceback" not in rest
    assert server.parts.catalog.runs.list_unfinished_runs()[-1].state is RunState.QUEUED


def test_cancel_and_retry(dix: Dix, run: str) -> None:
    assert dix("runs", "retry", run).code == 2
    assert dix("runs", "cancel", run).code == 0
    assert dix("runs", "cancel", run).code == 2
    assert dix("runs", "retry", run, "--json").json()["retry_of"] == run


def test_a_part_is_asked_for_and_the_cache_turned_off(dix: Dix, server: Server, flow_file: str) -> None:
    assert dix("run", flow_file, "--from", "cnn", "--to", "cnn", "--no-cache").code == 0
    order = server.engine.orders[-1]
    assert (order.selection, order.cache) == ({"from": "cnn", "to": "cnn"}, False)
    assert dix("run", flow_file, "--only", "cnn").code == 0
    order = server.engine.orders[-1]
    assert (order.selection, order.cache) == ({"only": "cnn"}, True)


def test_a_retry_after_an_edit_pushes_the_file_and_sends_what_changed(
    dix: Dix, server: Server, run: str, flow_file: str
) -> None:
    server.engine.finish(run, RunState.FAILED)
    edited = Path(flow_file)
    edited.write_text(FLOW + "defaults: {retries: 4}\n", encoding="utf-8")
    assert dix("runs", "retry", run, "--flow", flow_file, "-p", "epochs=7", "--json").code == 0
    version = server.parts.catalog.flows.get_flow("digits").version
    assert server.engine.edits[-1] == Edit(version, {"epochs": 7})
    assert dix("runs", "retry", run, "--flow-version", "latest").code == 0
    assert server.engine.edits[-1] == Edit(version)
    assert dix("runs", "retry", run).code == 0
    assert server.engine.edits[-1] is None
    for wrong in (["--flow-version", "0"], ["--flow-version", "1", "--flow", flow_file], ["--flow", "nothing.yaml"]):
        said = dix("runs", "retry", run, *wrong)
        assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1), said
    edited.write_text(FLOW.replace("name: digits", "name: others"), encoding="utf-8")
    assert "another version of digits" in dix("runs", "retry", run, "--flow", flow_file).err


def test_lists_are_documents_with_items(dix: Dix, run: str) -> None:
    for what in (["list"], ["steps", run], ["events", run], ["metrics", run], ["logs", run]):
        document = dix("runs", *what, "--json").json()
        assert document.keys() == {"items", "next_cursor"}, what
    assert dix("runs", "list", "--json", "--limit", "1").json()["items"][0]["steps"]


def test_tables_show_names_and_no_markup_or_control_characters(dix: Dix, server: Server, run: str) -> None:
    nasty = "[red]x[/red] \x1b[2J \u202e 名字 🎉 \x07"
    server.engine.move_step(run, "cnn", StepState.RUNNING, attempt=1, reason=nasty)
    for command in (["steps", run], ["show", run]):
        said = dix("runs", *command)
        assert said.code == 0
        assert "[red]x[/red] \\x1b[2J \\u202e 名字 🎉 \\x07" in said.out
        assert "\x1b" not in said.out
    assert dix("runs", "steps", run, "--json").json()["items"][1]["reason"] == nasty


def test_logs_are_printed_searched_and_followed(
    dix: Dix, server: Server, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["loading", "epoch 1", "epoch 2 \x1b[31mred", "stored"]
    server.engine.lines[:] = [LogLine("cnn", 2, now(), "stdout", text, i) for i, text in enumerate(texts, start=1)]
    said = dix("runs", "logs", run)
    assert said.out.splitlines() == ["cnn | loading", "cnn | epoch 1", "cnn | epoch 2 \x1b[31mred", "cnn | stored"]
    assert dix("runs", "logs", run, "--search", "STORED").out == "cnn#2:4 | stored\n"
    items = dix("runs", "logs", run, "--search", "epoch", "--json").json()["items"]
    assert [(item["text"], item["attempt"], item["line"]) for item in items] == [(texts[1], 2, 2), (texts[2], 2, 3)]
    server.engine.finish(run)
    assert len(dix("runs", "logs", run, "--follow").out.splitlines()) == 4
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "cnn | epoch 2 \\x1b[31mred" in dix("runs", "logs", run).out


def test_a_document_can_come_from_standard_input(dix: Dix, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "piped"
    path.write_text(FLOW, encoding="utf-8")
    with path.open(encoding="utf-8") as piped:
        monkeypatch.setattr(sys, "stdin", piped)
        assert dix("run", "-").code == 0


def test_numbers_are_followed_line_by_line(dix: Dix, server: Server, run: str) -> None:
    points = tuple(MetricPoint(run, "cnn", 1, "loss", epoch, 1 / epoch, now()) for epoch in (1, 2))
    server.parts.catalog.telemetry.add_metrics(points)
    server.engine.finish(run)
    assert dix("runs", "metrics", run, "--follow").out.splitlines() == ["cnn#1 1 loss=1", "cnn#1 2 loss=0.5"]
    assert len(dix("runs", "metrics", run, "--follow", "--json").json()["items"]) == 2
