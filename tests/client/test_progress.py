"""A run shown while it goes on."""

from __future__ import annotations

import io
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from rich.live import Live

from dix.client import progress as progress_module
from dix.client.connection import Client
from dix.client.progress import Lines, Table, open_view, say
from dix.client.run import ClientRun
from dix.records.moments import now
from dix.records.states import RunState, StepState
from dix.records.step import Step
from tests.api.server import FLOW, Server

NASTY = "[red]hot\x1b[2J"


def make_run(run_state: RunState, **facts: Any) -> ClientRun:
    return make_run_of(run_state, Step("r1", "cnn", **facts))


def make_run_of(state: RunState, *steps: Step) -> ClientRun:
    return ClientRun(id="r1", flow="digits", flow_version=1, created=now(), state=state, steps=steps, runs=None)


def test_lines_say_each_change_once(capsys: pytest.CaptureFixture[str]) -> None:
    view = Lines(say)
    queued = make_run(RunState.QUEUED, reason="waits for 2 CPUs")
    running = make_run(
        RunState.RUNNING, state=StepState.RUNNING, attempt=2, progress=0.25, metrics={"loss": 0.5}, reason=NASTY
    )
    for run in (queued, queued, running, running):
        view.update(run)
    assert capsys.readouterr().err.splitlines() == [
        "run r1: queued",
        "cnn: pending waits for 2 CPUs",
        "run r1: running",
        "cnn: running attempt 2 25% loss=0.5 [red]hot\\x1b[2J",
    ]


def test_a_table_shows_progress_and_numbers_and_leaves_nothing_behind() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=120, color_system=None)
    live = Live(console=console, auto_refresh=False, transient=True)
    with Table(live) as view:
        view.update(
            make_run(
                RunState.RUNNING,
                state=StepState.RUNNING,
                attempt=1,
                progress=0.5,
                metrics={"epoch": 3, "accuracy": 0.971234567},
                error=NASTY,
            )
        )
        live.refresh()
        shown = out.getvalue()
    for word in (
        "run r1 of digits: running",
        "cnn",
        "━━━━━╌╌╌╌╌  50%",
        "epoch=3, accuracy=0.971235",
        "[red]hot\\x1b[2J",
    ):
        assert word in shown


@pytest.mark.parametrize("progress", [-1.0, 0.0, 1.0, 7.5, None])
def test_any_progress_can_be_drawn(progress: float | None) -> None:
    live = Live(console=Console(file=io.StringIO(), width=120), auto_refresh=False)
    with Table(live) as view:
        view.update(make_run(RunState.RUNNING, progress=progress))


def test_of_many_steps_those_are_shown_that_something_happens_to() -> None:
    out = io.StringIO()
    live = Live(console=Console(file=out, force_terminal=True, width=120, height=10), auto_refresh=False)
    steps = [Step("r1", f"n{index}") for index in range(1000)]
    steps[500] = Step("r1", "busy", StepState.RUNNING, 1)
    steps[700] = Step("r1", "broken", StepState.FAILED, 1, error="too hot")
    with Table(live) as view:
        view.update(make_run_of(RunState.RUNNING, *steps))
        live.refresh()
        shown = out.getvalue()
    assert "busy" in shown
    assert "broken" in shown
    assert "n999" not in shown
    assert "998 pending, 1 running, 1 failed" in shown


def test_waiting_is_quiet_where_nobody_looks(
    client: Client, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    run = client.runs.start(FLOW)
    server.engine.finish(run.id)
    run.wait()
    assert capsys.readouterr() == ("", "")
    run.wait(progress=True)
    out, err = capsys.readouterr()
    assert (out, err.splitlines()[0]) == ("", f"run {run.id}: succeeded")


def test_waiting_draws_on_a_terminal(
    client: Client, server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = client.runs.start(FLOW)
    server.engine.finish(run.id)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    run.wait()
    out, err = capsys.readouterr()
    assert out == ""
    assert f"run {run.id} of digits: succeeded" in err


def test_ctrl_c_ends_the_waiting_and_not_the_run(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    run = client.runs.start(FLOW)

    def interrupt(now: ClientRun) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.wait(on_change=interrupt)
    assert f"run {run.id} goes on" in capsys.readouterr().err
    assert not run.refresh().is_over


def test_a_notebook_has_one_card_that_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    handle = SimpleNamespace(update=lambda run: shown.append(("update", run)))

    def display(run: Any, display_id: bool) -> Any:
        shown.append(("display", run))
        return handle

    shell, displays = ModuleType("IPython"), ModuleType("IPython.display")
    shell.get_ipython = lambda: SimpleNamespace(kernel=1)  # type: ignore[attr-defined]
    displays.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", displays)
    assert progress_module.is_notebook()
    run = make_run(RunState.RUNNING)
    with open_view() as view:
        view.update(run)
        view.update(run)
    assert shown == [("display", run), ("update", run)]
